//! What the broker's transaction check asks of each half message (`TransactionalMessageServiceImpl`). Numbers come as the
//! text of a property; a text that is no number counts as −1.

/// What becomes of a half message at a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckTimes {
    /// It was asked about so often that it is given up.
    Discard,
    /// It goes on, and has been checked so often now.
    Go(i32),
}

/// Has a half message been checked `max` times already? If not, this check is counted. `checked` is its property
/// `TRANSACTION_CHECK_TIMES`, which the first check adds whatever the maximum.
pub fn check_times(checked: Option<&str>, max: i32) -> CheckTimes {
    let Some(checked) = checked else { return CheckTimes::Go(1) };
    let checked = checked.parse().unwrap_or(-1);
    if checked >= max { CheckTimes::Discard } else { CheckTimes::Go(checked + 1) }
}

/// Is a half message so old that its file may be gone? Those are given up, too.
pub fn is_expired(age_ms: i64, retention_ms: i64) -> bool {
    age_ms > retention_ms
}

/// How long after its birth a half message is not asked about, in milliseconds: what its producer says in seconds
/// (`CHECK_IMMUNITY_TIME_IN_SECONDS`), or the broker's timeout if it says nothing, nothing that is a number, or −1.
pub fn immunity_ms(immunity_secs: Option<&str>, timeout_ms: i64) -> i64 {
    match immunity_secs.and_then(|secs| secs.parse::<i64>().ok()) {
        None | Some(-1) => timeout_ms,
        Some(secs) => secs.wrapping_mul(1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_checked_as_often_as_the_maximum() {
        let mut checked: Option<String> = None;
        let mut checks = 0;
        while let CheckTimes::Go(times) = check_times(checked.as_deref(), 15) {
            checks += 1;
            assert_eq!(times, checks);
            checked = Some(times.to_string());
        }
        assert_eq!(checks, 15);
    }

    #[test]
    fn the_first_check_is_free_and_what_is_no_number_begins_anew() {
        assert_eq!(check_times(None, 0), CheckTimes::Go(1));
        assert_eq!(check_times(Some("x"), 0), CheckTimes::Go(0));
        assert_eq!(check_times(Some("99999999999"), 1), CheckTimes::Go(0));
        assert_eq!(check_times(Some("0"), 0), CheckTimes::Discard);
    }

    #[test]
    fn a_message_expires_after_its_retention() {
        assert!(!is_expired(72 * 3_600_000, 72 * 3_600_000));
        assert!(is_expired(72 * 3_600_000 + 1, 72 * 3_600_000));
        assert!(!is_expired(-1, 0));
    }

    #[test]
    fn immunity_is_the_producers_or_the_timeout() {
        let of = |secs| immunity_ms(secs, 6_000);
        assert_eq!([None, Some("-1"), Some("x"), Some("")].map(of), [6_000; 4]);
        assert_eq!([Some("0"), Some("10"), Some("-2")].map(of), [0, 10_000, -2_000]);
    }
}
