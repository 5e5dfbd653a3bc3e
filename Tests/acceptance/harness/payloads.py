"""What Slack and Discord refuse, judged by Slack's own library and Discord's documented limits."""

from urllib.parse import urlsplit

from slack_sdk.models.blocks import Block

UPDATE_TEXT_LIMIT = 4000


def slack_faults(received):
    """Why Slack would not show this message; empty where it would."""
    if received.headers.get("Content-Type", "").split(";")[0] != "application/json":
        return ["the content type is not application/json"]
    return slack_payload_faults(received.json, update=received.path.endswith("chat.update"))


def slack_payload_faults(payload, update=False):
    faults = []
    text = payload.get("text")
    if not text:
        faults.append("no text to fall back to")
    elif len(text) > (UPDATE_TEXT_LIMIT if update else 40_000):
        faults.append("msg_too_long")
    if text and ("<" in text or ">" in text):
        faults.append("the text holds markup: it could mention or link")
    blocks = payload.get("blocks", [])
    if not 0 < len(blocks) <= 50:
        faults.append(f"{len(blocks)} blocks; 1 to 50 are allowed")
    if not update and (payload.get("unfurl_links") is not False or payload.get("unfurl_media") is not False):
        faults.append("links would be unfurled, that is, fetched")
    if update and not payload.get("ts"):
        faults.append("chat.update without ts")
    for block in blocks:
        faults += slack_block_faults(block)
    return faults


def slack_block_faults(block):
    try:
        parsed = Block.parse(block)
        if parsed is None:
            return [f"unknown block {block.get('type')}"]
        parsed.validate_json()
        parsed.to_dict()
    except Exception as error:
        return [f"{block.get('type')}: {error}"]
    if block["type"] == "section" and not (block.get("text") or block.get("fields")):
        return ["a section without text"]
    if block["type"] == "actions":
        return ["a button in a webhook's message shows a warning in Slack: nothing acknowledges it"]
    faults = []
    limit = 150 if block["type"] == "header" else 3000
    for text in [block["text"]] if block.get("text") else []:
        faults += slack_text_faults(text, limit)
    fields = block.get("fields") or []
    if len(fields) > 10:
        faults.append("more than 10 fields")
    for field in fields:
        faults += slack_text_faults(field, 2000)
    return faults


def slack_text_faults(text, limit):
    if not 0 < len(text["text"]) <= limit:
        return [f"a text of {len(text['text'])} characters; 1 to {limit} are allowed"]
    if text["type"] == "mrkdwn" and not text["text"].startswith("*<http"):
        return ["markup that is not our own link"]
    return []


EMBED_LIMITS = {"title": 256, "description": 4096, "url": 2048}
ROOT_KEYS = {"username", "content", "allowed_mentions", "embeds", "components", "flags"}


def discord_faults(received):
    """Why Discord would refuse this message, drop a part of it, or wake people with it."""
    faults = []
    if not received.headers.get("User-Agent", "").startswith("DiscordBot ("):
        faults.append("User-Agent: DiscordBot (url, version) is needed")
    payload = received.json
    if payload.get("components") and "with_components=true" not in received.path:
        faults.append("components without with_components=true are dropped silently")
    if received.method == "POST" and "wait=true" not in received.path:
        faults.append("without wait=true a message that is not saved returns no error")
    return faults + discord_payload_faults(payload, edit=received.method == "PATCH")


def discord_payload_faults(payload, edit=False):
    faults = []
    unknown = set(payload) - ROOT_KEYS
    if unknown:
        faults.append(f"unknown {unknown}")
    if payload.get("allowed_mentions") != {"parse": []}:
        faults.append("allowed_mentions is not empty: text could ping people")
    if not (payload.get("content") or payload.get("embeds")):
        faults.append("neither content nor embeds")
    if len(payload.get("content") or "") > 2000:
        faults.append("content is longer than 2000")
    name = payload.get("username", "x").lower()
    if edit and "username" in payload or not 0 < len(name) <= 80 or "discord" in name or "clyde" in name:
        faults.append("username is not lawful")
    embeds = payload.get("embeds") or []
    if len(embeds) > 10 or sum(embed_length(embed) for embed in embeds) > 6000:
        faults.append("the embeds are too many or too long")
    for embed in embeds:
        faults += discord_embed_faults(embed)
    if len(payload.get("components") or []) > 5:
        faults.append("more than 5 rows")
    for row in payload.get("components") or []:
        faults += discord_row_faults(row)
    return faults


def embed_length(embed):
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts += [text for field in embed.get("fields") or [] for text in (field["name"], field["value"])]
    return sum(len(text or "") for text in texts)


def discord_embed_faults(embed):
    faults = [
        f"embed {name} is too long"
        for name, limit in EMBED_LIMITS.items()
        if len(embed.get(name) or "") > limit
    ]
    fields = embed.get("fields") or []
    if len(fields) > 25:
        faults.append("more than 25 fields")
    for field in fields:
        if not (0 < len(field.get("name", "")) <= 256 and 0 < len(field.get("value", "")) <= 1024):
            faults.append(f"field {field} is empty or too long")
    if not 0 <= embed.get("color", 0) <= 16777215:
        faults.append("color is out of range")
    return faults


def discord_row_faults(row):
    buttons = row.get("components") or []
    if row.get("type") != 1 or not 0 < len(buttons) <= 5:
        return ["a row takes one to five buttons"]
    faults = []
    for button in buttons:
        if button.get("type") != 2 or button.get("style") != 5 or "custom_id" in button:
            faults.append("only link buttons work on a webhook that no app owns")
        if not 0 < len(button.get("label", "")) <= 80:
            faults.append("a button's label is empty or too long")
        url = button.get("url", "")
        if len(url) > 512 or urlsplit(url).scheme not in ("http", "https"):
            faults.append("a button's url is too long or no address")
    return faults
