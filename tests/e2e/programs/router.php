<?php
// Answers every request with one line.
echo "hello from {$_SERVER['REQUEST_URI']}\n";
