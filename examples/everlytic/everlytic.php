<?php

declare(strict_types=1);

/** A call that the server refused. */
final class EverlyticRefused extends RuntimeException
{
    /** The HTTP status. */
    public int $status;

    /** What is wrong, by the name of the field. */
    public array $fields;

    /** The customer that stands in the way, where one does. */
    public ?int $existingId;

    public function __construct(int $status, array $error)
    {
        parent::__construct($error['message']);
        $this->status = $status;
        $this->fields = $error['fields'] ?? [];
        $this->existingId = $error['existing_id'] ?? null;
    }
}

/** A client of Tenantry's Everlytic API, for PHP 7.4 and later with the curl extension. */
final class Everlytic
{
    private string $url;
    private string $authorization;

    public function __construct(string $url, string $user, string $key)
    {
        $this->url = $url . '/api/2.0';
        $this->authorization = 'Authorization: Basic ' . base64_encode("$user:$key");
    }

    /** Makes a customer, of which `name` and `email` are required, and returns it. */
    public function create(array $customer): array
    {
        return $this->send('POST', '/customers', json_encode($customer, JSON_THROW_ON_ERROR), 201)['item'];
    }

    public function read(int $id): array
    {
        return $this->send('GET', "/customers/$id")['item'];
    }

    /** Changes what is named; everything else stays. Returns the customer. */
    public function update(int $id, array $changes): array
    {
        return $this->send('PUT', "/customers/$id", json_encode($changes, JSON_THROW_ON_ERROR))['item'];
    }

    /**
     * Gives every customer with the values of `filter`, reading `count` (at most 200) at a time.
     *
     * @param array $query `filter`, `count`, `order`, `direction`
     */
    public function list(array $query): Generator
    {
        $page = $this->send('GET', '/customers?' . http_build_query($query));
        while (true) {
            foreach ($page['collection'] as $entry) {
                yield $entry['data'];
            }
            $next = array_column($page['links'], 'href', 'rel')['next'] ?? null;
            if ($next === null) {
                return;
            }
            $page = $this->follow($next);
        }
    }

    /** Reads what a link of an answer leads to. */
    public function follow(string $href): array
    {
        // The key goes along, and so must not go to another server.
        if (strpos($href, $this->url . '/') !== 0) {
            throw new RuntimeException("A link leads away from $this->url: $href");
        }
        return $this->send('GET', substr($href, strlen($this->url)));
    }

    public function delete(int $id): array
    {
        return $this->send('DELETE', "/customers/$id")['item'];
    }

    /**
     * Gives the customer a package, and takes it away when that is 0. Returns the customer.
     *
     * @param int|string $package its id or identifier
     */
    public function changeEmailPackage(int $id, $package): array
    {
        return $this->send('POST', "/customers/change_email_package/$id/$package", '{}')['item'];
    }

    public function createPackage(array $package): array
    {
        return $this->send('POST', '/packages', json_encode($package, JSON_THROW_ON_ERROR), 201)['item'];
    }

    public function deletePackage(int $id): array
    {
        return $this->send('DELETE', "/packages/$id")['item'];
    }

    /** Sends one call and returns its answer, which must have the status `$due`. */
    public function send(string $method, string $path, ?string $body = null, int $due = 200): array
    {
        $curl = curl_init($this->url . $path);
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_HTTPHEADER => [$this->authorization, 'Content-Type: application/json'],
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
        if ($status !== $due) {
            throw new EverlyticRefused($status, $answer['error'] ?? ['message' => 'not the status that was due']);
        }
        return $answer;
    }
}
