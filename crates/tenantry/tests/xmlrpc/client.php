<?php

// The life of a customer over XML-RPC with PHP's xmlrpc extension and curl, and the UserLand conformance methods.

declare(strict_types=1);

final class Fault extends RuntimeException
{
}

/** An answer that is none of XML-RPC's; the code is its HTTP status. */
final class TransportError extends RuntimeException
{
}

function setting(string $name): string
{
    $value = getenv($name);
    if ($value === false) {
        fwrite(STDERR, "Set $name\n");
        exit(2);
    }
    return $value;
}

function check(bool $holds, string $word, string $meaning): void
{
    if (!$holds) {
        fwrite(STDERR, "FAILED  $word  $meaning\n");
        exit(1);
    }
}

function step(string $word, string $meaning): void
{
    echo "ok  $word  $meaning\n";
}

/** Makes a call that must end in the fault with this code, and returns what the fault says. */
function refused(int $code, string $word, callable $call): string
{
    try {
        $call();
    } catch (Fault $fault) {
        $meaning = "the fault $code, not {$fault->getCode()}: {$fault->getMessage()}";
        check($fault->getCode() === $code, $word, $meaning);
        return $fault->getMessage();
    }
    check(false, $word, "the fault $code (the call was answered)");
    exit(1);
}

/** The same in one order, for a comparison that minds types and not the order of members. */
function sorted($value)
{
    if (!is_array($value)) {
        return $value;
    }
    ksort($value);
    return array_map('sorted', $value);
}

function same($left, $right): bool
{
    return sorted($left) === sorted($right);
}

final class Client
{
    private string $url;
    private ?string $credentials;

    public function __construct(string $url, ?string $credentials = null)
    {
        $this->url = $url;
        $this->credentials = $credentials;
    }

    /** @return mixed */
    public function __call(string $method, array $arguments)
    {
        return $this->call($method, ...$arguments);
    }

    /** @return mixed */
    public function call(string $method, ...$arguments)
    {
        // Without these options the extension declares ISO-8859-1 and spoils every text that is not.
        $options = ['encoding' => 'utf-8', 'escaping' => 'markup'];
        $curl = curl_init($this->url);
        curl_setopt_array($curl, [
            CURLOPT_POSTFIELDS => xmlrpc_encode_request($method, $arguments, $options),
            CURLOPT_HTTPHEADER => ['Content-Type: text/xml'],
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => 30,
        ]);
        if ($this->credentials !== null) {
            curl_setopt($curl, CURLOPT_USERPWD, $this->credentials);
        }
        $text = curl_exec($curl);
        if ($text === false) {
            throw new TransportError('no answer: ' . curl_error($curl));
        }
        $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        if ($status !== 200) {
            throw new TransportError("the status $status", $status);
        }
        $answer = xmlrpc_decode($text, 'utf-8');
        if (is_array($answer) && xmlrpc_is_fault($answer)) {
            throw new Fault($answer['faultString'], $answer['faultCode']);
        }
        return $answer;
    }
}

$url = setting('TENANTRY_URL') . '/api/2.0/xmlrpc/';
$user = setting('TENANTRY_USER');
$server = new Client($url, "$user:" . setting('TENANTRY_KEY'));
$mark = 'php-' . getmypid() . '-' . time();

$sent = [
    'name' => 'Ünïcødé & Söhne <GmbH> 日本',
    'email' => "$mark@example.com",
    'telephone' => '+27 11 447 6147',
    'address' => "Line 1\nLine 2",
    'country' => 'ZA',
    'industry' => 'Hospitality, Travel & Tourism',
    'website_url' => 'https://example.org/?a=1&b=2',
    'unique_id' => $mark,
    'status' => 'on',
];
$made = $server->CreateCustomer($sent);
$id = $made['id'];
check(is_int($id) && $id > 0, 'create', 'the id is an integer above 0');
check(preg_match('/^[A-Za-z0-9]{16}$/D', $made['hash']) === 1, 'create', 'the hash has 16 letters and digits');
foreach ($sent + ['deleted' => 'no', 'is_department' => 'no', 'email_quota' => 0] as $member => $value) {
    check($made[$member] === $value, 'create', "$member is $value, not {$made[$member]}");
}
foreach ($made as $member => $value) {
    check(is_string($value) || is_int($value), 'create', "$member is a string or an int, not " . gettype($value));
}
step('create', 'the customer has an id, and every text as it was sent');

check(same($server->GetCustomer($id), $made), 'get', 'GetCustomer gives what CreateCustomer gave');
check(same($server->call('customers.GetCustomer', $id), $made), 'get', 'and so does customers.GetCustomer');
step('get', 'the customer is read, under both names of the method');

$edited = $server->UpdateCustomer($id, ['email_quota' => 500, 'postal_code' => '2196']);
$expected = array_merge($made, ['email_quota' => 500, 'postal_code' => '2196']);
check(same($edited, $expected), 'update', 'what was sent has changed and nothing else');
$edited = $server->UpdateCustomer((string) $id, ['email_quota' => 501]);
check($edited['id'] === $id && $edited['email_quota'] === 501, 'update', 'a numeric string serves as the id');
$edited = $server->GetCustomer($id, ['fax' => '+27 11 447 6148']);
$kept = $edited['fax'] === '+27 11 447 6148' && $edited['name'] === $sent['name'];
check($kept, 'update', 'GetCustomer with a struct updates');
step('update', 'what was sent has changed and nothing else');

$has = fn (int $wanted, array $list): bool => in_array($wanted, array_column($list, 'id'), true);
check($has($id, $server->ListCustomers()), 'list', 'a list without parameters has the customer');
$found = $server->ListCustomers(1, 10, 'name', 'DESC', ['email' => $sent['email']]);
check(array_column($found, 'id') === [$id], 'list', 'a filter by e-mail finds just this one');
// The extension has no empty struct: this goes out as an empty array.
check($has($id, $server->ListCustomers(1, 50, '', 'ASC', [])), 'list', 'an empty array is no filter');
step('list', 'lists have the customer, with and without parameters');

$identifier = "gold-$mark";
$package = $server->CreatePackage(
    ['name' => 'Gold', 'identifier' => $identifier, 'channel' => 'email', 'quantity' => 1000]
);
$packageId = $package['id'];
check(is_int($packageId) && $packageId > 0, 'package', 'the id is an integer above 0');
$isOn = $package['channel'] === 'email' && $package['status'] === 'on';
check($isOn, 'package', 'the package is for e-mail, and on');
$changed = $server->ChangeEmailPackage($id, $identifier);
check($changed['id'] === $id, 'package', 'the change gives the customer');
check($changed['email_package_id'] === $packageId, 'package', 'the package is given by its identifier');
$changed = $server->ChangeEmailPackage($id, 0);
check($changed['email_package_id'] === 0, 'package', '0 takes the package away');
$changed = $server->ChangeEmailPackage($id, $packageId);
check($changed['email_package_id'] === $packageId, 'package', 'the package is given by its id');
check($has($packageId, $server->ListPackages()), 'package', 'a list has the package');
$server->ChangeEmailPackage($id, 0);
check($server->DeletePackage($packageId) === true, 'package', 'the package is deleted');
step('package', 'a package is made, given, taken away and deleted');

refused(404, 'fault', fn () => $server->GetCustomer(999999999));
$wrong = ['email' => 'not an address', 'country' => 'XX'];
$said = refused(422, 'fault', fn () => $server->UpdateCustomer($id, $wrong));
$named = strpos($said, 'email') !== false && strpos($said, 'country') !== false;
check($named, 'fault', "both wrong fields are named, not: $said");
refused(-32601, 'fault', fn () => $server->NoSuchMethod($id));
step('fault', '404, 422 and -32601 come as faults');

try {
    (new Client($url, "$user:" . str_repeat('0', 32)))->GetCustomer($id);
    check(false, 'credentials', 'a wrong key is refused');
} catch (TransportError $error) {
    check($error->getCode() === 401, 'credentials', "the status is 401, not {$error->getCode()}");
}
step('credentials', 'a wrong key is refused with the status 401');

$validator = new Client(setting('VALIDATOR_URL'));
$validate = fn (string $test, ...$arguments) => $validator->call("validator1.$test", ...$arguments);
$stooges = array_map(fn (int $n): array => ['moe' => $n, 'larry' => -$n, 'curly' => 10 * $n], range(1, 5));
check($validate('arrayOfStructsTest', $stooges) === 150, 'validator', 'arrayOfStructsTest');
$entities = $validate('countTheEntities', "<<a>> & \"b\" & 'c' ü 日 > &amp;");
$counted = [
    'ctLeftAngleBrackets' => 2,
    'ctRightAngleBrackets' => 3,
    'ctAmpersands' => 3,
    'ctApostrophes' => 2,
    'ctQuotes' => 2,
];
check(same($entities, $counted), 'validator', 'countTheEntities');
$sum = $validate('easyStructTest', ['moe' => 5, 'larry' => -7, 'curly' => 2147483000]);
check($sum === 2147482998, 'validator', 'easyStructTest');
$nested = [
    'text' => " ü <&> 日本\n",
    'empty' => '',
    'double' => -0.25,
    'true' => true,
    'rows' => [[], [1, 'two', ['three' => 3]]],
];
check(same($validate('echoStructTest', $nested), $nested), 'validator', 'echoStructTest');
$moment = '19980717T14:08:55';
xmlrpc_set_type($moment, 'datetime');
$bytes = $binary = implode('', array_map('chr', range(0, 255)));
xmlrpc_set_type($binary, 'base64');
$many = $validate('manyTypesTest', -7, false, 'text', 3.5, $moment, $binary);
check(array_slice($many, 0, 4) === [-7, false, 'text', 3.5], 'validator', 'manyTypesTest: the simple types');
$time = [$many[4]->xmlrpc_type, $many[4]->scalar];
check($time === ['datetime', '19980717T14:08:55'], 'validator', 'manyTypesTest: the time');
check([$many[5]->xmlrpc_type, $many[5]->scalar] === ['base64', $bytes], 'validator', 'manyTypesTest: the bytes');
$words = ['Wörter', ...array_fill(0, 148, 'between'), '<end>'];
check($validate('moderateSizeArrayCheck', $words) === 'Wörter<end>', 'validator', 'moderateSizeArrayCheck');
$days = [];
foreach (['01' => 1, '02' => 2, '03' => 3] as $day => $moe) {
    $days[$day] = ['moe' => $moe, 'larry' => 2, 'curly' => 3];
}
// PHP makes integers of keys such as 2000, and the extension a plain array of what has no other keys; so the year before is 0999.
$calendar = ['0999' => ['04' => $days], '2000' => ['03' => [], '04' => $days]];
check($validate('nestedStructTest', $calendar) === 6, 'validator', 'nestedStructTest');
$times = $validate('simpleStructReturnTest', -12);
$multiplied = ['times10' => -120, 'times100' => -1200, 'times1000' => -12000];
check(same($times, $multiplied), 'validator', 'simpleStructReturnTest');
step('validator', 'the eight conformance methods answer as UserLand specified them');

check($server->DeleteCustomer($id) === true, 'delete', 'DeleteCustomer gives true');
check($server->GetCustomer($id)['status'] === 'deleted', 'delete', 'the customer reads as deleted');
step('delete', 'the customer is deleted');

step('done', 'every step was taken');
