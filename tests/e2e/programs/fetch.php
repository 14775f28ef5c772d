<?php
// Asks the URL named in the query by streams (/file) or by the curl extension (/curl), and passes the answer on.
if (str_starts_with($_SERVER['REQUEST_URI'], '/file')) {
    echo file_get_contents($_GET['url']);
} else {
    $handle = curl_init($_GET['url']);
    curl_setopt($handle, CURLOPT_RETURNTRANSFER, true);
    echo curl_exec($handle);
}
