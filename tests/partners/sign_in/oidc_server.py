"""A small OpenID Connect provider on 127.0.0.1: discovery, token (with PKCE), userinfo, keys."""

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET = "portal", "client-secret"


class OidcServer:
    """`people` maps a code to the claims of who is signed in there."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.people: dict[str, dict] = {}
        self.asked: dict[str, dict] = {}  # code → parameters of the authorisation request
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()

    def authorise(self, address: str, **claims) -> dict[str, str]:
        """What the browser carries back from the authorisation page: code and state."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.url}/authorize") and asked["client_id"] == CLIENT and asked["response_type"] == "code"
        code = f"code-{len(self.people)}"
        self.people[code], self.asked[code] = claims, asked
        return {"code": code, "state": asked["state"]}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/.well-known/openid-configuration":
                    self._answer(server.discovery())
                elif self.path == "/jwks":
                    self._answer({"keys": [{**json.loads(RSAAlgorithm.to_jwk(server.key.public_key())), "kid": "1"}]})
                elif self.path == "/userinfo":
                    token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                    self._answer(server.people.get(token), 401)
                else:
                    self._answer(None, 404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {key: values[0] for key, values in parse_qs(body).items()}
                self._answer(server.token(form), 400)

            def _answer(self, body: dict | None, failure: int = 404) -> None:
                data = json.dumps(body if body is not None else {"error": "invalid"}).encode()
                self.send_response(200 if body is not None else failure)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                """Quiet."""

        return Handler

    def discovery(self) -> dict:
        paths = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "userinfo_endpoint": "userinfo",
            "jwks_uri": "jwks",
        }
        methods = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
        return {"issuer": self.url, **{key: f"{self.url}/{path}" for key, path in paths.items()}, **methods}

    def token(self, form: dict[str, str]) -> dict | None:
        code = form.get("code", "")
        if code not in self.people or form.get("client_secret") != SECRET:
            return None
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if self.asked[code].get("code_challenge") != proof:
            return None
        now = int(time.time())
        claims = {**self.people[code], "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 60}
        signed = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "1"})
        return {"access_token": code, "token_type": "Bearer", "expires_in": 60, "id_token": signed}
