<?php

// The life of a customer over Tenantry's Everlytic API, as a provider's portal in PHP leads it. README.md says how to run it.

declare(strict_types=1);

require __DIR__ . '/everlytic.php';

function setting(string $name): string
{
    $value = getenv($name);
    if ($value === false) {
        fwrite(STDERR, "Set $name\n");
        exit(2);
    }
    return $value;
}

function check(bool $holds, int $status, string $meaning): void
{
    if (!$holds) {
        fwrite(STDERR, "FAILED  $status  $meaning\n");
        exit(1);
    }
    echo "ok  $status  $meaning\n";
}

/** Makes a call that must be refused with this status, and returns the refusal. */
function refused(int $status, string $meaning, callable $call): EverlyticRefused
{
    try {
        $call();
    } catch (EverlyticRefused $refusal) {
        check($refusal->status === $status, $status, "$meaning ($refusal->status: {$refusal->getMessage()})");
        return $refusal;
    }
    check(false, $status, "$meaning (it was not refused)");
    exit(1);
}

/** The ids of the customers in a list. */
function ids(iterable $customers): array
{
    $ids = [];
    foreach ($customers as $customer) {
        $ids[] = $customer['id'];
    }
    return $ids;
}

$url = getenv('TENANTRY_URL') ?: 'http://127.0.0.1:8080';
$user = setting('TENANTRY_USER');
$everlytic = new Everlytic($url, $user, setting('TENANTRY_KEY'));

$mark = 'php.' . time() . '.' . getmypid();
$email = "$mark@example.com";
$customer = [
    'name' => "Söhne & Co $mark",
    'email' => $email,
    'status' => 'on',
    'telephone' => '+27 11 447 6147',
    'address' => "3rd Floor\n12 Example Road",
    'postal_code' => '2196',
    'country' => 'ZA',
    'industry' => 'Hospitality, Travel & Tourism',
    'website_url' => 'https://example.org/?a=1&b=2',
    'unique_id' => $mark,
];

$made = $everlytic->create($customer);
$id = $made['id'];
check($id > 0, 201, 'the customer is created');
$read = $everlytic->read($id);
check(array_intersect_key($read, $customer) == $customer, 200, 'and reads as it was sent');

$everlytic->update($id, ['email' => "new.$email", 'email_quota' => 500]);
$read = $everlytic->read($id);
$updated = $read['email'] === "new.$email" && $read['email_quota'] === 500;
check($updated, 200, 'the e-mail address and the quota are updated');
check($read['telephone'] === $customer['telephone'], 200, 'and nothing else');

$branch = $everlytic->create(['name' => $customer['name'], 'email' => "branch.$email"]);
check($branch['hash'] !== $made['hash'], 201, 'a second customer of the same name is created');
$found = ids($everlytic->list(['filter' => ['email' => "new.$email"]]));
check($found === [$id], 200, 'a list finds the first by its e-mail address');
$byName = ['filter' => ['name' => $customer['name']], 'count' => 1, 'order' => 'id', 'direction' => 'desc'];
check(ids($everlytic->list($byName)) === [$branch['id'], $id], 200, 'and both by their name, on two pages');
$everlytic->delete($branch['id']);
check(true, 200, 'the second customer is deleted');

$gold = "gold-$mark";
$package = $everlytic->createPackage(
    ['name' => 'Gold', 'identifier' => $gold, 'channel' => 'email', 'quantity' => 1000]
);
check($package['id'] > 0, 201, 'a package is created');
$changed = $everlytic->changeEmailPackage($id, $gold);
check($changed['email_package_id'] === $package['id'], 200, 'the customer has the package');
check($everlytic->changeEmailPackage($id, 0)['email_package_id'] === 0, 200, 'and has it no more');
$everlytic->deletePackage($package['id']);
check(true, 200, 'the package is deleted');

// What goes wrong, and how the server says so.

$stranger = new Everlytic($url, $user, str_repeat('0', 32));
refused(401, 'a wrong key is refused', fn () => $stranger->read($id));

$wrong = ['email' => 'not an address', 'country' => 'XX'];
$fields = refused(422, 'wrong fields are refused', fn () => $everlytic->update($id, $wrong))->fields;
check(isset($fields['email']), 422, 'what is no e-mail address is named');
check(isset($fields['country']), 422, 'and in the same answer an unknown country');

$notJson = fn () => $everlytic->send('POST', '/customers', 'this is not JSON');
refused(400, 'a body that is not JSON is refused', $notJson);
refused(404, 'an id that does not exist is not found', fn () => $everlytic->read(9007199254740991));

// An answer may be lost on the way. Create again: when the first call did arrive, the refusal names the customer that it made.
$again = ['email' => "new.$email"] + $customer;
$twice = refused(409, 'the same customer is not created twice', fn () => $everlytic->create($again));
check($twice->existingId === $id, 409, 'and the one that is there is named');

check($everlytic->delete($id)['status'] === 'deleted', 200, 'the customer is deleted');
