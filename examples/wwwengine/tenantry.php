<?php

declare(strict_types=1);

/** A call that the server refused. */
final class TenantryRefused extends RuntimeException
{
    /** The HTTP status. */
    public int $status;

    /** What is wrong, field by field: each has `field`, `code`, `message`, and `existing_id` where another account stands in the way. */
    public array $errors;

    public function __construct(int $status, string $message, array $errors)
    {
        parent::__construct($message);
        $this->status = $status;
        $this->errors = $errors;
    }
}

/** A client of Tenantry's WWWEngine API, for PHP 7.4 and later with the curl extension. */
final class Tenantry
{
    private string $url;
    private string $signedQuery;

    public function __construct(string $url, string $account, string $publicKey, string $privateKey)
    {
        // The signature covers the account and the public key only: it is the same for every call, so guard a signed URL like a password.
        $query = 'actingUserID=' . $account . '&auth=' . $publicKey;
        $this->url = $url;
        $this->signedQuery = $query . '&hash=' . hash('sha256', $privateKey . $query);
    }

    /** Adds a customer and returns its id. */
    public function add(array $customer): int
    {
        return $this->send('POST', '/user', json_encode($customer, JSON_THROW_ON_ERROR))['id'];
    }

    /** Changes what is named; everything else stays. */
    public function edit(int $id, array $changes): void
    {
        $this->send('PUT', "/user/$id", json_encode($changes, JSON_THROW_ON_ERROR));
    }

    public function activate(int $id): void
    {
        $this->edit($id, ['status' => 'active']);
    }

    public function read(int $id): array
    {
        return $this->send('GET', "/user/$id");
    }

    /** Lists customers by `email`, `status`, `parentID`, `search`; `page` and `limit` (at most 200). Returns `total` and `users`. */
    public function list(array $filters): array
    {
        return $this->send('GET', '/user', null, $filters);
    }

    public function delete(int $id): void
    {
        $this->send('DELETE', "/user/$id");
    }

    /**
     * Sends one call and returns its `response`. The body goes out under curl's own content type, `application/x-www-form-urlencoded`,
     * as programs for this API have always sent it; the server reads it as JSON.
     *
     * @return mixed
     */
    public function send(string $method, string $path, ?string $body = null, array $filters = [])
    {
        $query = $this->signedQuery . ($filters ? '&' . http_build_query($filters) : '');
        $curl = curl_init($this->url . $path . '?' . $query);
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_CONNECTTIMEOUT => 5,
            CURLOPT_TIMEOUT => 30,
        ]);
        if ($body !== null) {
            curl_setopt($curl, CURLOPT_POSTFIELDS, $body);
        }
        $text = curl_exec($curl);
        if ($text === false) {
            throw new RuntimeException('No answer: ' . curl_error($curl));
        }
        $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        $answer = json_decode($text, true, 64, JSON_THROW_ON_ERROR);
        if ($status !== 200 || $answer['resultCode'] !== 1) {
            throw new TenantryRefused($status, $answer['message'], $answer['errors'] ?? []);
        }
        return $answer['response'];
    }
}
