/* SOURCES: sdk/model/script_name.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <string.h>

#include "preload/base/compiler.h"
#include "sdk/model/script_name.h"
#include "tests/support/guard_page.h"

static const struct row {
    const char *program, *cmdline, *expected; /* cmdline: "|" for the zero bytes */
} rows[] = {
    { "python3.11", "python3|app.py|--port|80|", "app.py" },
    { "python3.11", "/usr/bin/python3|-u|/srv/shop/app.py|", "app.py" },
    { "python3.11", "python3|-m|http.server|8080|", "http.server" },
    { "python3.11", "python3|-X|dev|-W|error|x/main.py|", "main.py" },
    { "python3.11", "python3|-c|import os|x.py|", "" },
    { "python3.11", "python3|-x||||", "" }, /* once an endless loop */
    { "bash", "bash||deploy.sh|", "deploy.sh" },
    { "python3.11", "python3|-uc|import os|x.py|", "" },
    { "python3.11", "python3|-Im|http.server|8080|", "http.server" },
    { "python3.11", "python3|-mhttp.server|8080|", "http.server" },
    { "python3.11", "python3|-Wonce|app.py|", "app.py" },
    { "python3.11", "python3|-|", "" },
    { "python3.11", "python3|", "" },
    { "python3.11", "python3", "" },
    { "python3.11", "", "" },
    { "node", "node|--max-old-space-size=100|-r|./trace.js|server.js|", "server.js" },
    { "node", "node|-e|1+1|", "" },
    { "node", "node|-pe|1+1|", "" },
    { "php8.2", "php|-n|-S|127.0.0.1:80|router.php|", "router.php" },
    { "php8.2", "php|-f|job.php|", "job.php" },
    { "perl", "perl|-w|-I|lib|/opt/run.pl|", "run.pl" },
    { "perl", "perl|-MTime::HiRes|-Ilib/shared|run.pl|", "run.pl" },
    { "ruby3.1", "ruby|-rset|-Ilib|job.rb|", "job.rb" },
    { "bash", "bash|-euo|pipefail|/etc/init.sh|", "init.sh" },
    { "java", "java|-Xmx1g|-cp|a:b|-jar|/opt/shop.jar|x|", "shop.jar" },
    { "java", "java|-cp|a:b|com.shop.Main|", "com.shop.Main" },
    { "bash", "bash|-e|/etc/init.sh|", "init.sh" },
    { "bash", "bash|-c|curl x|", "" },
    { "dash", "sh|./run|", "run" },
    { "dash", "sh|-ec|curl x|", "" },
    { "perl", "perl|-lane|print|x.txt|", "" },
    { "nginx", "nginx: worker process|", "" },
    { "curl", "curl|http://a/|", "" },
    { "shopd", "shopd|shop.conf|", "" }, /* once taken for a shell */
    { "javac", "javac|Main.java|", "" },
    { "sh", "sh|./run|", "run" },
    { "nodejs", "nodejs|server.js|", "server.js" },
    { "bash-static", "bash|run.sh|", "run.sh" },
    { "python3-dbg", "python3|app.py|", "app.py" },
};

Test(script_name, rows)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        size_t len = strlen(rows[i].cmdline);
        char *cmdline = oa_guard_page_copy(rows[i].cmdline, len);

        for (size_t c = 0; c < len; c++)
            cmdline[c] = cmdline[c] == '|' ? '\0' : cmdline[c];
        struct oa_slice name = oa_script_name(oa_slice_of(rows[i].program), (struct oa_slice){ cmdline, len });

        cr_assert(name.len == strlen(rows[i].expected) &&
                      memcmp(name.len ? name.ptr : "", rows[i].expected, name.len) == 0,
                  "%s: %.*s", rows[i].cmdline, (int)name.len, name.ptr);
        oa_guard_page_free();
    }
}
