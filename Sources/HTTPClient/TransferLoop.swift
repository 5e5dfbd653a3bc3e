import CCurl
import Glibc
import Synchronization

/// One thread that drives many transfers through one libcurl multi handle and keeps its idle connections.
///
/// Transfers over the limit wait in line. `start` and `cancel` may be called from anywhere.
final class TransferLoop: @unchecked Sendable {
    // Unchecked: `multi`, `active` and `waiting` belong to the loop's thread. From other threads only `inbox` is
    // used, and `curl_multi_wakeup`, which libcurl documents as safe, under the same lock as `multi`'s end.

    private enum Command {
        case start(Transfer)
        case cancel(Transfer)
    }

    private struct Inbox {
        var commands: [Command] = []
        var isStopping = false
        var hasEnded = false
    }

    private let multi: UnsafeMutableRawPointer
    private let limit: Int
    private let inbox = Mutex(Inbox())
    private var active: [UnsafeMutableRawPointer: Transfer] = [:]
    private var waiting: [Transfer] = []

    /// Starts the thread.
    init(concurrencyLimit: Int) {
        _ = Library.ready
        guard let multi = curl_multi_init() else { preconditionFailure("no memory left for libcurl") }
        self.multi = multi
        limit = max(concurrencyLimit, 1)
        curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 32)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(&thread, nil, loopThread, context)
        precondition(status == 0, "the system gave no thread for the HTTP client")
        pthread_detach(thread)
    }

    /// Hands a transfer over; its completion is called on the loop's thread.
    func start(_ transfer: Transfer) { post(.start(transfer)) }

    /// Ends a transfer early, whether it has been started yet or not.
    func cancel(_ transfer: Transfer) {
        transfer.isCancelled.store(true, ordering: .releasing)
        post(.cancel(transfer))
    }

    /// Ends the thread; whatever still runs is cancelled.
    func stop() {
        inbox.withLock { inbox in
            inbox.isStopping = true
            if !inbox.hasEnded { curl_multi_wakeup(multi) }
        }
    }

    private func post(_ command: Command) {
        inbox.withLock { inbox in
            precondition(!inbox.hasEnded, "the HTTP client was used after its end")
            inbox.commands.append(command)
            curl_multi_wakeup(multi)
        }
    }

    fileprivate func run() {
        while true {
            let (commands, isStopping) = inbox.withLock { inbox in
                defer { inbox.commands = [] }
                return (inbox.commands, inbox.isStopping)
            }
            for command in commands { obey(command) }
            if isStopping { break }
            turn()
            curl_multi_poll(multi, nil, 0, 60_000, nil)
        }
        end()
    }

    private func obey(_ command: Command) {
        switch command {
        case .start(let transfer): waiting.append(transfer)
        case .cancel(let transfer):
            if active[transfer.easy.raw] === transfer {
                finish(transfer, CURLE_ABORTED_BY_CALLBACK)
            } else if let index = waiting.firstIndex(where: { $0 === transfer }) {
                waiting.remove(at: index).finish(CURLE_ABORTED_BY_CALLBACK)
            }
        }
    }

    /// Admits, performs and collects until nothing waits that could run.
    private func turn() {
        repeat {
            while active.count < limit, !waiting.isEmpty { admit(waiting.removeFirst()) }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            collect()
        } while active.count < limit && !waiting.isEmpty
    }

    private func admit(_ transfer: Transfer) {
        guard !transfer.isCancelled.load(ordering: .acquiring) else {
            return transfer.finish(CURLE_ABORTED_BY_CALLBACK)
        }
        active[transfer.easy.raw] = transfer
        if curl_multi_add_handle(multi, transfer.easy.raw) != CURLM_OK { finish(transfer, CURLE_FAILED_INIT) }
    }

    private func collect() {
        var remaining: Int32 = 0
        while let message = curl_multi_info_read(multi, &remaining) {
            // The message lives in the easy handle: read it before the handle goes.
            let (kind, raw, code) = (
                message.pointee.msg, message.pointee.easy_handle, message.pointee.data.result
            )
            guard kind == CURLMSG_DONE, let raw, let transfer = active[raw] else { continue }
            finish(transfer, code)
        }
    }

    private func finish(_ transfer: Transfer, _ code: CURLcode) {
        curl_multi_remove_handle(multi, transfer.easy.raw)
        active[transfer.easy.raw] = nil
        transfer.finish(code)
    }

    private func end() {
        let left = inbox.withLock { inbox in
            inbox.hasEnded = true
            return inbox.commands
        }
        for transfer in active.values { finish(transfer, CURLE_ABORTED_BY_CALLBACK) }
        for transfer in waiting { transfer.finish(CURLE_ABORTED_BY_CALLBACK) }
        for case .start(let transfer) in left { transfer.finish(CURLE_ABORTED_BY_CALLBACK) }
        curl_multi_cleanup(multi)
    }
}

extension TransferLoop {
    /// Runs the transfer to its end; cancelling the task ends it early.
    func outcome(of transfer: Transfer) async -> TransferOutcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.whenDone { continuation.resume(returning: $0) }
                start(transfer)
            }
        } onCancel: {
            cancel(transfer)
        }
    }
}

/// All signals are the main thread's; SIGPIPE of a closed TLS connection must not end the process.
private let loopThread: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    guard let context else { return nil }
    Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
