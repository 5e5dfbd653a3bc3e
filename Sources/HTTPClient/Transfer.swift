import CCurl
import Glibc
import Synchronization

/// One exchange on its way: the easy handle, what it may do, and what has come back so far.
///
/// Made and filled by one thread, then handed to a `TransferLoop`, whose thread alone touches it from then on.
final class Transfer: @unchecked Sendable {
    // Unchecked for that hand-over; only `isCancelled` is shared, and atomic.

    /// What limits the transfer.
    struct Limits {
        let maxHeaderBytes: Int
        let maxBodyBytes: Int
        /// Nil where a proxy decides.
        let egress: EgressPolicy?
        /// Refuses every address that is neither the machine itself nor allowed by name.
        var isLocalOnly = false
        /// Waits less for answers once the server has decided.
        var speaksSMTP = false
    }

    let easy: EasyHandle
    let isCancelled = Atomic(false)
    private let limits: Limits
    private let lists: [ListBox]
    private let errorText: UnsafeMutablePointer<CChar>
    private let upload: [UInt8]
    private var uploaded = 0
    private var headerBytes = 0
    private var outcome = TransferOutcome()
    private var completion: (@Sendable (TransferOutcome) -> Void)?

    /// Sets what every transfer needs: no signals, no proxies from the environment, the guard, the limits.
    init(_ limits: Limits, lists: [(CURLoption, [String])] = [], upload: [UInt8] = []) throws(OptionRefused) {
        self.limits = limits
        self.upload = upload
        easy = try EasyHandle()
        errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        var boxes: [ListBox] = []
        for (_, strings) in lists { boxes.append(ListBox(try StringList(strings))) }
        self.lists = boxes
        for (index, list) in lists.enumerated() { try easy.set(list.0, boxes[index].list) }
        try setCommonOptions()
    }

    deinit {
        errorText.deallocate()
    }

    /// Says who is told the end of it.
    func whenDone(_ completion: @escaping @Sendable (TransferOutcome) -> Void) {
        self.completion = completion
    }

    /// Tells the end of it, once.
    func finish(_ code: CURLcode) {
        guard let completion else { return }
        self.completion = nil
        outcome.code = code
        outcome.detail = String(cString: errorText)
        outcome.hasSentUpload = uploaded == upload.count
        var status = 0
        curl_get_long(easy.raw, CURLINFO_RESPONSE_CODE, &status)
        outcome.responseCode = status
        completion(outcome)
    }

    private func setCommonOptions() throws(OptionRefused) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        try easy.set(CURLOPT_NOSIGNAL, 1)
        // A name server that does not answer must hold up nobody but this transfer.
        try easy.set(CURLOPT_QUICK_EXIT, 1)
        try easy.set(CURLOPT_ERRORBUFFER, pointer: errorText)
        try easy.set(CURLOPT_PROXY, "")
        try easy.set(CURLOPT_NOPROXY, "")
        try easy.set(CURLOPT_FOLLOWLOCATION, 0)
        try easy.set(CURLOPT_SSL_VERIFYPEER, 1)
        try easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        try easy.set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        try easy.set(CURLOPT_WRITEDATA, pointer: context)
        try easy.set(CURLOPT_HEADERDATA, pointer: context)
        try easy.set(CURLOPT_READDATA, pointer: context)
        try easy.set(CURLOPT_OPENSOCKETDATA, pointer: context)
        try easy.set(CURLOPT_PREREQDATA, pointer: context)
        let raw = easy.raw
        try easy.check(
            curl_set_data_function(raw, CURLOPT_WRITEFUNCTION, bodyArrived), CURLOPT_WRITEFUNCTION)
        try easy.check(
            curl_set_data_function(raw, CURLOPT_HEADERFUNCTION, headerArrived), CURLOPT_HEADERFUNCTION)
        try easy.check(
            curl_set_data_function(raw, CURLOPT_READFUNCTION, uploadWanted), CURLOPT_READFUNCTION)
        try easy.check(curl_set_opensocket(raw, socketWanted), CURLOPT_OPENSOCKETFUNCTION)
        try easy.check(curl_set_prerequest(raw, requestStarting), CURLOPT_PREREQFUNCTION)
    }
}

// What libcurl's functions below ask for; all on the loop's thread.
extension Transfer {
    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard outcome.body.count + bytes.count <= limits.maxBodyBytes else {
            outcome.hasOverflowed = true
            return false
        }
        outcome.body.append(contentsOf: bytes)
        return true
    }

    func receiveHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        guard headerBytes <= limits.maxHeaderBytes else {
            outcome.hasOverflowed = true
            return false
        }
        // Lines after the body are trailers, which nobody here asked for.
        if outcome.body.isEmpty { outcome.lines.append(Array(line)) }
        if limits.speaksSMTP { shortenPatience(after: line.first) }
        return true
    }

    /// When the mail is taken only the answer to QUIT is missing, and after a refusal not much more: a server that
    /// keeps it back must not keep back the verdict.
    private func shortenPatience(after firstDigit: UInt8?) {
        let isRefused = firstDigit == UInt8(ascii: "4") || firstDigit == UInt8(ascii: "5")
        let isTaken = firstDigit == UInt8(ascii: "2") && uploaded == upload.count
        if isTaken { curl_set_long(easy.raw, CURLOPT_SERVER_RESPONSE_TIMEOUT, 1) }
        if isRefused { curl_set_long(easy.raw, CURLOPT_SERVER_RESPONSE_TIMEOUT, 5) }
    }

    func fillUpload(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, upload.count - uploaded)
        buffer.copyBytes(from: upload[uploaded..<(uploaded + count)])
        uploaded += count
        return count
    }

    /// Whether the address may be reached; remembers the first that may not.
    func permits(_ address: IPAddress?) -> Bool {
        guard let egress = limits.egress else { return true }
        guard let address else {
            outcome.blocked = outcome.blocked ?? ("unknown", "not an internet address")
            return false
        }
        var objection = egress.objection(to: address)
        let isLocal = egress.allowingLoopback.isAllowedByName(address)
        if limits.isLocalOnly, objection == nil, !isLocal { objection = "reached without encryption" }
        guard let objection else { return true }
        outcome.blocked = outcome.blocked ?? (address.description, objection)
        return false
    }

    func requestStarts() {
        outcome.hasStarted = true
    }
}

/// Keeps a list alive as long as the handle that uses it.
private final class ListBox {
    let list: StringList

    init(_ list: consuming StringList) { self.list = list }
}

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

private let bodyArrived: curl_data_function = { data, size, count, context in
    let isTaken = transfer(context)?.receiveBody(UnsafeRawBufferPointer(start: data, count: size * count))
    return isTaken == true ? size * count : 0
}

private let headerArrived: curl_data_function = { data, size, count, context in
    let isTaken = transfer(context)?.receiveHeader(UnsafeRawBufferPointer(start: data, count: size * count))
    return isTaken == true ? size * count : 0
}

private let uploadWanted: curl_data_function = { data, size, count, context in
    let buffer = UnsafeMutableRawBufferPointer(start: data, count: size * count)
    return transfer(context)?.fillUpload(buffer) ?? Int(CURL_READFUNC_ABORT)
}

/// Sees every address before libcurl connects to it, whatever its spelling was.
private let socketWanted: curl_opensocket_callback = { context, _, target in
    guard let transfer = transfer(context), let target, transfer.permits(IPAddress(target)) else {
        return CURL_SOCKET_BAD
    }
    let type = target.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
    return socket(target.pointee.family, type, target.pointee.protocol)
}

/// Runs when the connection is ready and before the first byte of the request: also on a connection that another
/// request, perhaps under another policy, has left open.
private let requestStarting: curl_prereq_callback = { context, address, _, _, _ in
    guard let transfer = transfer(context), let address,
        transfer.permits(IPAddress(String(cString: address)))
    else { return CURL_PREREQFUNC_ABORT }
    transfer.requestStarts()
    return CURL_PREREQFUNC_OK
}
