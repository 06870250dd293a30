"""billhook doctor --url: is the responder behind this URL?"""

import http.server
import threading

import pytest

from doctor_test import configure, findings, found, sound_place


class Endpoint(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def place(tmp_path):
    return sound_place(tmp_path)


@pytest.fixture
def endpoint():
    server = http.server.HTTPServer(("127.0.0.1", 0), Endpoint)
    server.status, server.headers = 405, {"Allow": "POST"}
    server.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_endpoint_that_answers(place, endpoint):
    found(place, "ok", "endpoint", "--url", endpoint.url)
    endpoint.headers = {"aLLow": " POST "}
    found(place, "ok", "endpoint", "--url", endpoint.url)


@pytest.mark.parametrize("status, headers, words", [
    (405, {}, "answers 405 to a GET, and not 405 with Allow: POST"),
    (405, {"Allow": "GET, POST"}, "not 405 with Allow"),
    (404, {}, "answers 404"),
    (200, {}, "answers 200"),
    (301, {"Location": "/login"}, "redirects (301)"),
    (401, {}, "answers 401"),
    (500, {}, "answers 500"),
    (502, {}, "answers 502"),
])
def test_an_endpoint_that_is_not_the_responder(place, endpoint, status,
                                               headers, words):
    endpoint.status, endpoint.headers = status, headers
    finding = found(place, "problem", "endpoint", "--url", endpoint.url)
    assert words in finding["says"] and finding["advice"]


def test_an_endpoint_that_does_not_answer(place, endpoint):
    for url in ("http://127.0.0.1:1/", "https" + endpoint.url[4:]):
        finding = found(place, "problem", "endpoint", "--url", url)
        assert "no answer from" in finding["says"]


def test_an_endpoint_is_asked_even_where_the_settings_are_unusable(place,
                                                                  endpoint):
    configure(place, BILLHOOK_TOLERANCE="0")
    told = findings(place, "--url", endpoint.url, status=1)
    assert ("endpoint", "ok") in {(f["check"], f["level"]) for f in told}
