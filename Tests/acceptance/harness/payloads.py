"""What Slack and Discord refuse, judged by Slack's own library and Discord's documented limits."""

from slack_sdk.models.blocks import Block


def slack_faults(received):
    """Why Slack would not show this message; empty where it would."""
    faults = []
    if received.headers.get("Content-Type", "").split(";")[0] != "application/json":
        return ["the content type is not application/json"]
    payload = received.json
    if not payload.get("text"):
        faults.append("no text to fall back to")
    blocks = payload.get("blocks", [])
    if len(blocks) > 50:
        faults.append("more than 50 blocks")
    for block in blocks:
        faults += slack_block_faults(block)
    return faults


def slack_block_faults(block):
    try:
        parsed = Block.parse(block)
        if parsed is None:
            return [f"unknown block {block.get('type')}"]
        parsed.to_dict()
    except Exception as error:
        return [f"{block.get('type')}: {error}"]
    if block["type"] == "section" and not (block.get("text") or block.get("fields")):
        return ["a section without text"]
    texts = [block.get("text") or {}] + list(block.get("fields") or [])
    if any(isinstance(text, dict) and text.get("text") == "" for text in texts):
        return ["an empty text"]
    if any(len(field["text"]) > 2000 for field in block.get("fields") or []):
        return ["a field of more than 2000 characters"]
    if block["type"] == "actions":
        return ["a button in a webhook's message shows a warning in Slack: nothing acknowledges it"]
    return []


LIMITS = {"title": 256, "description": 4096}


def discord_faults(received):
    """Why Discord would refuse this message, drop a part of it, or wake people with it."""
    payload = received.json
    faults = []
    if not received.headers.get("User-Agent", "").startswith(("DiscordBot (", "Countersign")):
        faults.append("User-Agent is needed")
    if payload.get("allowed_mentions") != {"parse": []}:
        faults.append("allowed_mentions is not empty: text could ping people")
    if not (payload.get("content") or payload.get("embeds")):
        faults.append("neither content nor embeds")
    if len(payload.get("content") or "") > 2000:
        faults.append("content is longer than 2000")
    if payload.get("components") and "with_components=true" not in received.path:
        faults.append("components without with_components=true are dropped silently")
    embeds = payload.get("embeds") or []
    if len(embeds) > 10 or sum(embed_length(embed) for embed in embeds) > 6000:
        faults.append("the embeds are too many or too long")
    for embed in embeds:
        faults += discord_embed_faults(embed)
    return faults


def embed_length(embed):
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts += [text for field in embed.get("fields") or [] for text in (field["name"], field["value"])]
    return sum(len(text or "") for text in texts)


def discord_embed_faults(embed):
    faults = [
        f"embed {name} is too long" for name, limit in LIMITS.items() if len(embed.get(name) or "") > limit
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
