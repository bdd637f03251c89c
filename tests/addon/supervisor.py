#!/usr/bin/env python3
"""A stand-in of the Supervisor of Home Assistant, as far as the add-on uses it: the MQTT service, for the add-on that has
the right key. Every request is printed.

Usage: tests/addon/supervisor.py PORT TOKEN [HOST PORT USERNAME PASSWORD]     (without a host: no MQTT service)
"""

import http.server
import json
import sys


class Supervisor(http.server.BaseHTTPRequestHandler):
    token = ""
    service = None  # what the add-on of the broker has registered

    def do_GET(self):
        print(self.path, flush=True)
        if self.headers.get("Authorization") != f"Bearer {self.token}":
            self.answer(401, {"result": "error", "message": "unauthorized"})
        elif self.path != "/services/mqtt":
            self.answer(404, {"result": "error", "message": "not found"})
        elif self.service is None:
            self.answer(400, {"result": "error", "message": "Service not enabled"})
        else:
            self.answer(200, {"result": "ok", "data": self.service})

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def main():
    port, Supervisor.token = int(sys.argv[1]), sys.argv[2]
    if len(sys.argv) > 3:
        host, broker_port, username, password = sys.argv[3:]
        Supervisor.service = {
            "addon": "core_mosquitto",
            "host": host,
            "port": int(broker_port),
            "ssl": False,
            "protocol": "3.1.1",
            "username": username,
            "password": password,
        }
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Supervisor).serve_forever()


if __name__ == "__main__":
    main()
