import Glibc

/// Microseconds on a clock that only runs forward, for measuring how long things take.
func monotonicMicroseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
}

/// A span of configuration, on that clock.
func microseconds(_ seconds: Double) -> Int64 { Int64(seconds * 1_000_000) }
