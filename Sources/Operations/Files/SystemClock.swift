import Glibc
public import MailModel

/// The machine's clock, for those who pass the time on: rules and storage have none of their own.
public enum SystemClock {
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
