# The life of a customer over XML-RPC with Perl's RPC::XML, and the UserLand conformance methods.

use strict;
use warnings;
use utf8;

use RPC::XML;
use RPC::XML::Client;

# What is sent is UTF-8 whatever stands here; left at its default, the declaration says US-ASCII.
$RPC::XML::ENCODING = 'utf-8';
binmode STDERR, ':encoding(UTF-8)';

sub check {
    my ($holds, $word, $meaning) = @_;
    return if $holds;
    print STDERR "FAILED  $word  $meaning\n";
    exit 1;
}

sub step {
    my ($word, $meaning) = @_;
    print "ok  $word  $meaning\n";
}

sub setting {
    my ($name) = @_;
    return $ENV{$name} // die "Set $name\n";
}

# Plain numbers and texts compare as texts, so 1 and "1" are the same; where the type matters it is checked apart.
sub same {
    my ($left, $right) = @_;
    return 0 if ref $left ne ref $right;
    if (ref $left eq 'HASH') {
        return 0 if keys %$left != keys %$right;
        return !grep { !exists $right->{$_} || !same($left->{$_}, $right->{$_}) } keys %$left;
    }
    if (ref $left eq 'ARRAY') {
        return 0 if @$left != @$right;
        return !grep { !same($left->[$_], $right->[$_]) } 0 .. $#$left;
    }
    return $left eq $right;
}

sub connect_as {
    my ($user, $key) = @_;
    my $client = RPC::XML::Client->new(setting('TENANTRY_URL') . '/api/2.0/xmlrpc/');
    # They are sent once the server has asked for them, in its realm and its charset: as characters, then, not as the bytes of a setting.
    utf8::decode($user);
    $client->credentials('Tenantry', $user, $key);
    return $client;
}

my $server = connect_as(setting('TENANTRY_USER'), setting('TENANTRY_KEY'));

# Makes a call and gives the answer as RPC::XML has it, with its type.
sub typed {
    my ($word, $client, $method, @arguments) = @_;
    my $answer = $client->send_request($method, @arguments);
    check(ref $answer, $word, "$method is answered, not: $answer");
    check(!$answer->is_fault, $word, "$method is not refused: " . ($answer->is_fault ? $answer->string : ''));
    return $answer;
}

# Makes a call and gives the answer as Perl has it.
sub ask {
    my ($word, $method, @arguments) = @_;
    return typed($word, $server, $method, @arguments)->value;
}

# Makes a call that must end in the fault with this code, and returns what the fault says.
sub refused {
    my ($code, $word, $method, @arguments) = @_;
    my $answer = $server->send_request($method, @arguments);
    check(ref $answer, $word, "the fault $code, not: $answer");
    check($answer->is_fault, $word, "the fault $code (the call was answered)");
    check($answer->code == $code, $word, "the fault $code, not " . $answer->code . ': ' . $answer->string);
    return $answer->string;
}

# A text that looks like a number would be sent as one.
sub text { return RPC::XML::string->new($_[0]) }

my $mark = "pl-$$-" . time;
my %sent = (
    name => 'Ünïcødé & Söhne <GmbH> 日本',
    email => "$mark\@example.com",
    telephone => '+27 11 447 6147',
    address => "Line 1\nLine 2",
    country => 'ZA',
    industry => 'Hospitality, Travel & Tourism',
    website_url => 'https://example.org/?a=1&b=2',
    unique_id => $mark,
    status => 'on',
);
my $typed = typed('create', $server, 'CreateCustomer', \%sent);
my $made = $typed->value;
my $id = $made->{id};
check($typed->{id}->isa('RPC::XML::int') && $id > 0, 'create', 'the id is an integer above 0');
check($made->{hash} =~ /\A[A-Za-z0-9]{16}\z/, 'create', 'the hash has 16 letters and digits');
check($typed->{email_quota}->isa('RPC::XML::int'), 'create', 'the quota is an integer');
my %expected = (%sent, deleted => 'no', is_department => 'no', email_quota => 0);
for my $member (sort keys %expected) {
    check($made->{$member} eq $expected{$member}, 'create', "$member is $expected{$member}, not $made->{$member}");
}
for my $member (sort keys %$made) {
    my $type = $typed->{$member}->type;
    check($type eq 'string' || $type eq 'int' || $type eq 'i4', 'create', "$member is a string or an int, not $type");
}
step('create', 'the customer has an id, and every text as it was sent');

check(same(ask('get', 'GetCustomer', $id), $made), 'get', 'GetCustomer gives what CreateCustomer gave');
check(same(ask('get', 'customers.GetCustomer', $id), $made), 'get', 'and so does customers.GetCustomer');
step('get', 'the customer is read, under both names of the method');

my $edited = ask('update', 'UpdateCustomer', $id, { email_quota => 500, postal_code => text('2196') });
my $changed_only = same($edited, { %$made, email_quota => 500, postal_code => '2196' });
check($changed_only, 'update', 'what was sent has changed and nothing else');
$edited = ask('update', 'UpdateCustomer', text($id), { email_quota => 501 });
check($edited->{id} == $id && $edited->{email_quota} == 501, 'update', 'a numeric string serves as the id');
$edited = ask('update', 'GetCustomer', $id, { fax => '+27 11 447 6148' });
my $kept = $edited->{fax} eq '+27 11 447 6148' && $edited->{name} eq $sent{name};
check($kept, 'update', 'GetCustomer with a struct updates');
step('update', 'what was sent has changed and nothing else');

sub has {
    my ($wanted, $list) = @_;
    return scalar grep { $_->{id} == $wanted } @$list;
}

check(has($id, ask('list', 'ListCustomers')), 'list', 'a list without parameters has the customer');
my $found = ask('list', 'ListCustomers', 1, 10, 'name', 'DESC', { email => $sent{email} });
check(@$found == 1 && $found->[0]{id} == $id, 'list', 'a filter by e-mail finds just this one');
check(has($id, ask('list', 'ListCustomers', 1, 50, '', 'ASC', {})), 'list', 'an empty struct is no filter');
check(has($id, ask('list', 'ListCustomers', 1, 50, '', 'ASC', [])), 'list', 'and neither is an empty array');
step('list', 'lists have the customer, with and without parameters');

my $identifier = "gold-$mark";
my $package = typed('package', $server, 'CreatePackage',
    { name => 'Gold', identifier => $identifier, channel => 'email', quantity => 1000 });
my $package_id = $package->{id}->value;
check($package->{id}->isa('RPC::XML::int') && $package_id > 0, 'package', 'the id is an integer above 0');
my $is_on = $package->{channel}->value eq 'email' && $package->{status}->value eq 'on';
check($is_on, 'package', 'the package is for e-mail, and on');
my $changed = ask('package', 'ChangeEmailPackage', $id, $identifier);
check($changed->{id} == $id, 'package', 'the change gives the customer');
check($changed->{email_package_id} == $package_id, 'package', 'the package is given by its identifier');
check(ask('package', 'ChangeEmailPackage', $id, 0)->{email_package_id} == 0, 'package', '0 takes the package away');
$changed = ask('package', 'ChangeEmailPackage', $id, $package_id);
check($changed->{email_package_id} == $package_id, 'package', 'the package is given by its id');
check(has($package_id, ask('package', 'ListPackages')), 'package', 'a list has the package');
ask('package', 'ChangeEmailPackage', $id, 0);
my $gone = typed('package', $server, 'DeletePackage', $package_id);
check($gone->type eq 'boolean' && $gone->value, 'package', 'the package is deleted');
step('package', 'a package is made, given, taken away and deleted');

refused(404, 'fault', 'GetCustomer', 999_999_999);
my $said = refused(422, 'fault', 'UpdateCustomer', $id, { email => 'not an address', country => 'XX' });
check($said =~ /email/ && $said =~ /country/, 'fault', "both wrong fields are named, not $said");
refused(-32601, 'fault', 'NoSuchMethod', $id);
step('fault', '404, 422 and -32601 come as faults');

my $stranger = connect_as(setting('TENANTRY_USER'), '0' x 32);
# The client's own message holds the reason phrase only.
my $status;
$stranger->useragent->add_handler(response_done => sub { $status = $_[0]->code; return });
my $answer = $stranger->send_request('GetCustomer', $id);
check(!ref $answer, 'credentials', 'a wrong key is refused by the transport, not answered');
check($status == 401, 'credentials', "the status is 401, not $status");
step('credentials', 'a wrong key is refused with the status 401');

my $validator = RPC::XML::Client->new(setting('VALIDATOR_URL'));

sub validate {
    my ($test, @arguments) = @_;
    return typed('validator', $validator, "validator1.$test", @arguments)->value;
}

my @stooges = map { { moe => $_, larry => -$_, curly => 10 * $_ } } 1 .. 5;
check(validate('arrayOfStructsTest', \@stooges) == 150, 'validator', 'arrayOfStructsTest');
my %counted =
    (ctLeftAngleBrackets => 2, ctRightAngleBrackets => 3, ctAmpersands => 3, ctApostrophes => 2, ctQuotes => 2);
my $entities = validate('countTheEntities', q{<<a>> & "b" & 'c' ü 日 > &amp;});
check(same($entities, \%counted), 'validator', 'countTheEntities');
my $sum = validate('easyStructTest', { moe => 5, larry => -7, curly => 2_147_483_000 });
check($sum == 2_147_482_998, 'validator', 'easyStructTest');
my %nested = (text => " ü <&> 日本\n", empty => '', double => -0.25, rows => [[], {}, [1, 'two', { three => 3 }]]);
my $echo = validate('echoStructTest', { %nested, true => RPC::XML::boolean->new('true') });
check(same($echo, { %nested, true => 1 }), 'validator', 'echoStructTest');
my $bytes = join '', map { chr } 0 .. 255;
my $many = validate('manyTypesTest',
    -7, RPC::XML::boolean->new('false'), 'text', 3.5,
    RPC::XML::datetime_iso8601->new('19980717T14:08:55'), RPC::XML::base64->new($bytes));
check(same($many, [-7, 0, 'text', 3.5, '19980717T14:08:55', $bytes]), 'validator', 'manyTypesTest');
my @words = ('Wörter', ('between') x 148, '<end>');
check(validate('moderateSizeArrayCheck', \@words) eq 'Wörter<end>', 'validator', 'moderateSizeArrayCheck');
my %days = map { (sprintf('%02d', $_) => { moe => $_, larry => 2, curly => 3 }) } 1 .. 3;
my %calendar = map { ($_ => { '03' => {}, '04' => \%days }) } 1999, 2000;
check(validate('nestedStructTest', \%calendar) == 6, 'validator', 'nestedStructTest');
my $times = validate('simpleStructReturnTest', -12);
my $multiplied = same($times, { times10 => -120, times100 => -1200, times1000 => -12_000 });
check($multiplied, 'validator', 'simpleStructReturnTest');
step('validator', 'the eight conformance methods answer as UserLand specified them');

my $deleted = typed('delete', $server, 'DeleteCustomer', $id);
check($deleted->type eq 'boolean' && $deleted->value, 'delete', 'DeleteCustomer gives true');
check(ask('delete', 'GetCustomer', $id)->{status} eq 'deleted', 'delete', 'the customer reads as deleted');
step('delete', 'the customer is deleted');

step('done', 'every step was taken');
