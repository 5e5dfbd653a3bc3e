"""The pages as a browser without JavaScript uses them: links, forms, cookies."""

from urllib.parse import urljoin, urlsplit

import requests
from bs4 import BeautifulSoup


class Form:
    """A form of a page, with what its fields hold."""

    def __init__(self, page, node):
        self.page, self.node = page, node
        self.method = (node.get("method") or "get").lower()
        self.action = urljoin(page.url, node.get("action") or page.url)
        self.fields = {}
        for field in node.find_all(["input", "textarea", "select"]):
            name, kind = field.get("name"), (field.get("type") or "text").lower()
            if name and kind not in ("submit", "button", "image", "reset", "checkbox", "radio"):
                self.fields[name] = field.get("value") or ""
        self.buttons = [
            (
                node_.get("name"),
                node_.get("value") or "",
                node_.get_text(" ", strip=True) or node_.get("value"),
            )
            for node_ in node.find_all(["button", "input"])
            if node_.name == "button" or (node_.get("type") or "").lower() == "submit"
        ]

    def button(self, value):
        found = [button for button in self.buttons if button[0] == "verdict" and button[1] == value]
        assert found, f"no button for {value} among {self.buttons} on {self.page.url}"
        return found[0]

    def password_field(self):
        field = self.node.find("input", attrs={"type": "password"})
        return field.get("name") if field else None

    def text_field(self):
        for field in self.node.find_all("input"):
            if (field.get("type") or "text").lower() in ("text", "email") and field.get("name"):
                return field.get("name")
        return None


class Page:
    """An answer with HTML."""

    def __init__(self, client, answer):
        self.client, self.answer = client, answer
        self.status, self.url, self.html = answer.status_code, answer.url, answer.text
        self.soup = BeautifulSoup(answer.text, "html.parser")
        for node in self.soup(["style", "script"]):
            node.decompose()

    @property
    def text(self):
        return " ".join(self.soup.get_text(" ", strip=True).split())

    @property
    def path(self):
        return urlsplit(self.url).path

    @property
    def forms(self):
        return [Form(self, node) for node in self.soup.find_all("form")]

    def form(self, field):
        """The form that has this field."""
        found = [
            form for form in self.forms if field in form.fields or any(b[0] == field for b in form.buttons)
        ]
        assert found, f"no form with {field} on {self.url} ({self.status}): {self.text[:1500]}"
        return found[0]

    def decide(self, verdict, **fields):
        form = self.form("verdict")
        return self.client.submit(form, form.button(verdict), **fields)

    def __repr__(self):
        return f"{self.status} {self.url}: {self.text[:1500]}"


class Visitor:
    """One person's browser."""

    def __init__(self, base, watch=None):
        self.base, self.watch = base, watch
        self.session = requests.Session()
        self.session.headers["User-Agent"] = "Mozilla/5.0 (acceptance)"

    def get(self, path):
        return self._page(self.session.get(urljoin(self.base, path), timeout=60))

    def submit(self, form, button=None, origin=None, site="same-origin", **fields):
        data = {**form.fields, **{name: str(value) for name, value in fields.items() if value is not None}}
        if button and button[0]:
            data[button[0]] = button[1]
        parts = urlsplit(form.action)
        headers = {"Origin": origin or f"{parts.scheme}://{parts.netloc}", "Sec-Fetch-Site": site}
        return self._page(
            self.session.request(
                form.method.upper(),
                form.action,
                headers=headers,
                timeout=60,
                **({"data": data} if form.method == "post" else {"params": data}),
            )
        )

    def log_in(self, name, pin):
        form = next(form for form in self.get("/login").forms if form.password_field())
        page = self.submit(form, **{form.text_field(): name, form.password_field(): pin})
        return page

    def _page(self, answer):
        if self.watch:
            for each in [*answer.history, answer]:
                self.watch(each)
        return Page(self, answer)
