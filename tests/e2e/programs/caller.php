<?php
// Asks http://127.0.0.1:UPSTREAM (environment) with the path it was asked for.
echo file_get_contents('http://127.0.0.1:' . getenv('UPSTREAM') . $_SERVER['REQUEST_URI']);
