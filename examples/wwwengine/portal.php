<?php

// The life of a customer over Tenantry's WWWEngine API, as a provider's portal in PHP leads it. README.md says how to run it.

declare(strict_types=1);

require __DIR__ . '/tenantry.php';

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
function refused(int $status, string $meaning, callable $call): TenantryRefused
{
    try {
        $call();
    } catch (TenantryRefused $refusal) {
        check($refusal->status === $status, $status, "$meaning ($refusal->status: {$refusal->getMessage()})");
        return $refusal;
    }
    check(false, $status, "$meaning (it was not refused)");
    exit(1);
}

$url = getenv('TENANTRY_URL') ?: 'http://127.0.0.1:8080';
$account = setting('TENANTRY_ACCOUNT');
$publicKey = setting('TENANTRY_PUBLIC_KEY');
$tenantry = new Tenantry($url, $account, $publicKey, setting('TENANTRY_PRIVATE_KEY'));

$email = 'php.' . time() . '.' . getmypid() . '@example.com';
$customer = [
    'type' => 'customer',
    'email' => $email,
    'password' => 'abc@path6re',
    'parentID' => $account,
    'autoSignup' => 0,
    'buyingCurrency' => 'INR',
    'userInfo' => ['dateOfBirth' => '1970-01-01'],
    'contactInfo' => [
        'postalInfo' => [
            'title' => 'Mr.',
            'firstName' => 'Abc',
            'lastName' => 'Xyz',
            'organization' => 'ABC Education Service, India',
            'address' => [
                'street' => ['2nd Floor, 39/43 ABC Complex, Nesbit Road, Mazgaon', '', ''],
                'city' => 'Mumbai',
                'postalCode' => '400 010',
                'state' => 'Maharashtra',
                'countryCode' => 'IN',
            ],
        ],
        'voice' => ['number' => '+91.2554254', 'countrycode' => '29', 'ext' => ''],
        'callInPin' => '1234',
    ],
    'preferences' => ['phoneNoType' => 'work'],
];

$id = $tenantry->add($customer);
check($id > 0, 200, 'the customer is added');
check($tenantry->read($id)['status'] === 'inactive', 200, 'and waits for its activation');

$tenantry->edit($id, [
    'contactInfo' => [
        'postalInfo' => ['organization' => 'ABC'],
        'cell' => ['number' => '+91.8885242124', 'countrycode' => '29'],
    ],
]);
check(true, 200, 'the customer is edited');
$postal = $tenantry->read($id)['contactInfo']['postalInfo'];
check($postal['organization'] === 'ABC', 200, 'what was edited has changed');
check($postal['address']['city'] === 'Mumbai', 200, 'and nothing else');

$tenantry->activate($id);
check(true, 200, 'the customer is activated');
$found = $tenantry->list(['email' => $email, 'status' => 'active']);
check($found['total'] === 1 && $found['users'][0]['id'] === $id, 200, 'a list finds it among the active ones');

// What goes wrong, and how the server says so.

$stranger = new Tenantry($url, $account, $publicKey, str_repeat('0', 64));
refused(401, 'a wrong signature is refused', fn () => $stranger->read($id));

$wrong = array_replace_recursive($customer, [
    'email' => "new.$email",
    'userInfo' => ['dateOfBirth' => '2099-01-01'],
    'contactInfo' => ['postalInfo' => ['address' => ['countryCode' => 'XX']]],
]);
$fields = array_column(refused(422, 'wrong fields are refused', fn () => $tenantry->add($wrong))->errors, 'field');
check(in_array('contactInfo.postalInfo.address.countryCode', $fields, true), 422, 'an unknown country is named');
check(in_array('userInfo.dateOfBirth', $fields, true), 422, 'and in the same answer a birth in the future');

refused(400, 'a body that is not JSON is refused', fn () => $tenantry->send('POST', '/user', 'this is not JSON'));
refused(404, 'an id that does not exist is not found', fn () => $tenantry->read(9007199254740991));

// An answer may be lost on the way. Add again: when the first call did arrive, the refusal names the customer that it made.
$twice = refused(409, 'the same customer is not added twice', fn () => $tenantry->add($customer));
check($twice->errors[0]['existing_id'] === $id, 409, 'and the one that is there is named');

$tenantry->delete($id);
check(true, 200, 'the customer is deleted');
