"""Servers that cases name: each function returns a Server whose port has the server's name."""
from harness import Server

HELLO = {"www/hello.txt": "hello\n"}


def python_http(name, files=None):
    return Server(name, ["{python}", "-u", "-m", "http.server", "{%s}" % name, "--bind", "127.0.0.1",
                         "--directory", "{dir}/www"], ports=(name,), files=files or HELLO)


def python_program(name, script, *arguments, **more):
    return Server(name, ["{python}", "-u", "{programs}/" + script, "{%s}" % name, *arguments], ports=(name,), **more)


NGINX = """
worker_processes 2;
error_log {dir}/@name@-error.log warn;
pid {dir}/@name@.pid;
daemon off;
@user@
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path {dir}/@name@-body;
    proxy_temp_path {dir}/@name@-proxy;
    fastcgi_temp_path {dir}/@name@-fastcgi;
    uwsgi_temp_path {dir}/@name@-uwsgi;
    scgi_temp_path {dir}/@name@-scgi;
    server {
        listen 127.0.0.1:{@name@};
        @body@
    }
}
"""


def nginx(name, body, **more):
    """body: what stands inside `server { }`, for instance "location / { proxy_pass http://...; }"."""
    import os
    text = NGINX.replace("@body@", body).replace("@name@", name)
    text = text.replace("@user@", "user root;" if os.geteuid() == 0 else "")
    return Server(name, ["nginx", "-p", "{dir}", "-c", f"{{dir}}/{name}.conf", "-e", f"{{dir}}/{name}-error.log"],
                  ports=(name,), files={f"{name}.conf": text, **more.pop("files", {})}, needs=("nginx",), **more)


def nginx_proxy(name, upstream):
    return nginx(name, "location / { proxy_pass http://127.0.0.1:{%s}; proxy_http_version 1.1; "
                       'proxy_set_header Connection ""; }' % upstream)


def nginx_files(name, files=None):
    return nginx(name, "root {dir}/www;", files=files or HELLO)


def node(name, script):
    return Server(name, ["node", "{programs}/" + script, "{%s}" % name], ports=(name,), needs=("node",))


def php(name, script):
    return Server(name, ["php", "-n", "-S", "127.0.0.1:{%s}" % name, "{programs}/" + script], ports=(name,),
                  needs=("php",))
