"""What the database believes of orders, fills and positions is what the broker's book says."""

from decimal import Decimal

# The broker's words for how an order ended, and ours.
SAME = {"filled": "filled", "canceled": "canceled", "expired": "expired", "rejected": "rejected"}


def judge(evidence):
    """Every difference, in words."""
    yield from orders(evidence)
    yield from fills(evidence)
    yield from positions(evidence)
    yield from books(evidence)
    for row in evidence.exposure:
        if any(row[name] for name in ("opening", "reducing", "proposed", "released")):
            yield f"exposure is still reserved though nothing is open: {row}"


def orders(evidence):
    for order in evidence.orders:
        there = evidence.book.get(order["client_order_id"])
        if there is None:
            if order["filled_qty"]:
                yield f"order {order['id']} is filled here and unknown to the broker"
            continue
        if order["broker_order_id"] != there["id"]:
            yield f"order {order['id']} is {there['id']} at the broker, {order['broker_order_id']} here"
        # What was executed beyond the order is no part of it: judge_overfills looks at that.
        if min(Decimal(there["filled_qty"]), order["qty"]) != order["filled_qty"]:
            yield f"order {order['id']}: {there['filled_qty']} filled there, {order['filled_qty']} here"
        if order["turned_up_at"] is None and SAME.get(there["status"]) != order["state"]:
            yield f"order {order['id']} is {there['status']} at the broker, {order['state']} here"


def fills(evidence):
    ours = {order["broker_order_id"]: order["id"] for order in evidence.orders if order["broker_order_id"]}
    there = {
        (item["id"], str(ours[item["order_id"]]), Decimal(item["qty"]), Decimal(item["price"]))
        for item in evidence.executions
        if item["order_id"] in ours
    }
    here = {(row["execution_id"], str(row["order_id"]), row["qty"], row["price"]) for row in evidence.fills}
    for fill in sorted(there - here, key=str):
        yield f"the broker executed what is not recorded: {fill}"
    for fill in sorted(here - there, key=str):
        yield f"an execution is recorded that the broker does not know: {fill}"


def positions(evidence):
    there = {item["symbol"]: Decimal(item["qty"]) for item in evidence.holdings}
    here = {item["symbol"]: Decimal(str(item["qty"])) for item in evidence.positions}
    if there != here:
        yield f"positions differ: {there} at the broker, {here} here"


def books(evidence):
    """What was booked is every execution of the broker's, once, and what follows from it."""
    there = sorted((item["id"], Decimal(item["qty"]), Decimal(item["price"])) for item in evidence.executions)
    here = sorted((row["execution_id"], row["qty"], row["price"]) for row in evidence.booked)
    for execution in set(there) ^ set(here):
        yield f"only {'the broker' if execution in there else 'the books'} know of {execution}"
    for row in evidence.booked:
        if row["kind"] != "fill" or row["part"] == "external":
            yield f"an execution of ours was booked as a stranger's: {row}"
    holds = {item["symbol"]: Decimal(item["qty"]) for item in evidence.holdings}
    booked = {row["symbol"]: row["qty"] for row in evidence.book_positions}
    if holds != booked:
        yield f"positions differ: {holds} at the broker, {booked} in the books"
    rebuilt = evidence.stage.command("books", "rebuild", "--check", code=None)
    if rebuilt.code != 0:
        yield f"the books are not what follows from the executions: {rebuilt!r}"
    for row in evidence.mismatches:
        if row["confirmed_at"] is not None:
            yield f"positions were held to differ from the broker's, and nobody else trades: {row}"
