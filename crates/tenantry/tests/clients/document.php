<?php

// The sample of the document "Update Customer", word for word but for what it leaves to the reader (the URL, the customer, the
// credentials, the address) and for the quote that it lacks behind the URL. WITHOUT_CONTENT_TYPE leaves out the line that says JSON:
// curl then calls it a form, as in the many programs that were written without that line.

$username = getenv('TENANTRY_USER');
$apikey = getenv('TENANTRY_KEY');

$json = '
{
"email":"' . getenv('TENANTRY_EMAIL') . '"
}
';
$url = getenv('TENANTRY_URL') . '/api/2.0/customers/' . getenv('TENANTRY_CUSTOMER');
$method = 'PUT';
$cSession = curl_init();
$headers = array();
$auth = base64_encode($username . ':' . $apikey);
$headers[] = 'Authorization: Basic ' . $auth;
curl_setopt($cSession, CURLOPT_URL, $url);
curl_setopt($cSession, CURLOPT_RETURNTRANSFER, true);
curl_setopt($cSession, CURLOPT_HEADER, false);
curl_setopt($cSession, CURLOPT_CUSTOMREQUEST, strtoupper($method));
curl_setopt($cSession, CURLOPT_POSTFIELDS, $json);
if (getenv('WITHOUT_CONTENT_TYPE') !== '1') {
    $headers[] = 'Content-Type: application/json';
}
curl_setopt($cSession, CURLOPT_HTTPHEADER, $headers);
$result = curl_exec($cSession);
curl_close($cSession);

echo $result, "\n";
