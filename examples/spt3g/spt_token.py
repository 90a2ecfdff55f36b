#!/usr/bin/env python3
"""A script of a user of the data service: it says who it is with the token in SPT_API_TOKEN.

    export SPT_API_TOKEN=eyJ0eXAiO...
    python3 spt_token.py https://spt3g.example.org whoami
    export SPT_API_TOKEN=$(python3 spt_token.py https://spt3g.example.org refresh)
    python3 spt_token.py https://spt3g.example.org get /files/jobs/0f3a/out/manifest.json
    python3 spt_token.py https://spt3g.example.org revoke

With SPT_API_BASIC=1 the token goes as the password of Basic, as some older clients send it.
"""

import base64
import json
import os
import sys
import urllib.error
import urllib.request

CALLS = {
    "whoami": ("GET", "/api/v1/account/whoami"),
    "refresh": ("POST", "/api/v1/account/token/refresh"),
    "revoke": ("POST", "/api/v1/account/token/revoke"),
}


def authorization(token):
    if os.environ.get("SPT_API_BASIC") == "1":
        return "Basic " + base64.b64encode(f"token:{token}".encode()).decode()
    return f"Bearer {token}"


def call(server, method, path, token):
    request = urllib.request.Request(server.rstrip("/") + path, method=method)
    request.add_header("Authorization", authorization(token))
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def main(server, command, path=None):
    method, known = CALLS.get(command, ("GET", path))
    try:
        body = call(server, method, known, os.environ["SPT_API_TOKEN"])
    except urllib.error.HTTPError as refused:
        # What the service says is for people: {"status": "error", "message": ...}
        said = json.loads(refused.read() or b"{}")
        sys.exit(f"{refused.code}: {said.get('message') or said.get('detail')}")
    if command == "refresh":
        print(json.loads(body)["token"])
    else:
        sys.stdout.buffer.write(body)


if __name__ == "__main__":
    main(*sys.argv[1:])
