package import Domain
package import JSON

/// One POST to /v2/orders as it came in, whatever became of it: the evidence that nothing is sent twice.
package struct ReceivedOrder: Sendable, Hashable {
    /// The place among all of them, counted from 1.
    package let number: Int
    package let at: Timestamp
    /// The request's body.
    package let body: JSONValue
    /// The fault that struck it, in words.
    package let fault: String?
    /// The status of the answer, also of one that was not delivered; nil while it is not answered, or nothing
    /// was done.
    package internal(set) var status: Int?
    /// The order that came of it.
    package internal(set) var orderID: String?

    /// The client's own id for the order.
    package var clientOrderID: String? { body["client_order_id"]?.stringValue }

    var json: JSONValue {
        [
            "number": .integer(number), "at": .time(at), "client_order_id": .text(clientOrderID),
            "body": body,
            "fault": .text(fault), "status": status.map { .integer($0) } ?? .null, "order_id": .text(orderID),
        ]
    }

    init(number: Int, at: Timestamp, body: JSONValue, fault: String?) {
        self.number = number
        self.at = at
        self.body = body
        self.fault = fault
    }

    /// Reads what `json` wrote; nil where it is something else.
    init?(_ json: JSONValue) {
        guard let number = json["number"]?.intValue, let body = json["body"],
            let at = json["at"]?.stringValue.flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        self.init(number: number, at: at, body: body, fault: json["fault"]?.stringValue)
        status = json["status"]?.intValue
        orderID = json["order_id"]?.stringValue
    }
}
