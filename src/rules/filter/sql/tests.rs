use super::problem::{Orderless, Wanted};
use super::*;

/// What a condition says of a message, errors included, in one letter: T, F, N, E, or C if it does not compile.
fn ask(text: &str, properties: &[(&str, &str)], end: EndOfInput) -> char {
    let Ok(filter) = Filter::compile(text, end) else { return 'C' };
    let lookup = |name: &str| properties.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    match filter.expr.evaluate(&lookup) {
        Ok(Truth::True) => 'T',
        Ok(Truth::False) => 'F',
        Ok(Truth::Unknown) => 'N',
        Err(_) => 'E',
    }
}

/// The message of the table of expectations; `z` is missing.
const MESSAGE: [(&str, &str); 4] = [("a", "10"), ("b", "abc"), ("f", "10.5"), ("t", "true")];

fn expect(rows: &[(&str, char)], end: EndOfInput) {
    for (text, wanted) in rows {
        assert_eq!(ask(text, &MESSAGE, end), *wanted, "{text}");
    }
}

fn problem(text: &str) -> CompileError {
    match Filter::compile(text, EndOfInput::Required) {
        Ok(filter) => panic!("{text} compiles to {}", filter.expr()),
        Err(error) => error,
    }
}

#[test]
fn the_table_of_expectations_holds() {
    let rows = [
        ("a = 10", 'T'),
        ("a = '10'", 'T'),
        ("a = 10.0", 'T'),
        ("a > 9", 'T'),
        ("f > 10", 'E'),
        ("f > 10.0", 'T'),
        ("b > 1", 'E'),
        ("b <> 1", 'E'),
        ("a > f", 'F'),
        ("a < b", 'E'),
        ("z = 'x'", 'N'),
        ("z <> 'x'", 'N'),
        ("'x' <> z", 'T'),
        ("NOT (z = 'x')", 'N'),
        ("z IS NULL", 'T'),
        ("z IS NOT NULL", 'F'),
        ("z CONTAINS 'x'", 'F'),
        ("z NOT CONTAINS 'x'", 'F'),
        ("NOT (z CONTAINS 'x')", 'T'),
        ("b CONTAINS 'bc'", 'T'),
        ("b STARTSWITH 'A'", 'F'),
        ("z IN ('x')", 'N'),
        ("z NOT IN ('x')", 'N'),
        ("b NOT IN ('x','y')", 'T'),
        ("a BETWEEN 1 AND 10", 'T'),
        ("a NOT BETWEEN 11 AND 20", 'T'),
        ("a BETWEEN 10 AND 1", 'C'),
        ("b > 'a'", 'C'),
        ("t", 'F'),
        ("t = TRUE", 'T'),
        ("z OR a = 10", 'T'),
        ("z = 1 AND a = 11", 'F'),
        ("a = 10 OR b > 1", 'T'),
        ("b > 1 OR a = 10", 'E'),
        ("NOT b = 'x'", 'E'),
        ("b = NULL", 'C'),
        ("a IN (10)", 'C'),
        ("a != 10", 'C'),
        ("1 < a", 'T'),
        ("TRUE", 'T'),
    ];
    expect(&rows, EndOfInput::Required);
    expect(&rows, EndOfInput::NotChecked);
}

#[test]
fn the_end_is_checked_or_not() {
    let rows = [
        ("a = 10 b", 'C', 'T'),
        ("a = 05", 'C', 'F'),
        ("a > 1 b < 2", 'C', 'T'),
        ("a = 10 -- and so on", 'C', 'T'),
        ("(a = 10) )", 'C', 'T'),
        ("a = 10 'x", 'C', 'C'),
        ("a = 10 #", 'C', 'C'),
        ("a = 10 b #", 'C', 'T'),
        ("a = 10 NOT b", 'C', 'C'),
        ("a = 10 99999999999999999999", 'C', 'T'),
        ("a IS NULL NOT IN ('x')", 'C', 'F'),
        ("a = 10 -- done\n", 'T', 'T'),
        ("a = 10 /* done */", 'T', 'T'),
    ];
    for (text, required, not_checked) in rows {
        expect(&[(text, required)], EndOfInput::Required);
        expect(&[(text, not_checked)], EndOfInput::NotChecked);
    }
}

/// What people do not expect, and RocketMQ does.
#[test]
fn surprises_are_kept() {
    let rows = [
        // NOT binds more tightly than any comparison.
        ("NOT z = 'x'", 'N'),
        ("NOT z IS NULL", 'T'),
        ("NOT a IS NULL", 'F'),
        ("NOT a IN ('x')", 'C'),
        // What is missing.
        ("z = y", 'T'),
        ("z <> y", 'F'),
        ("a = z", 'F'),
        ("z = a", 'N'),
        ("- a IS NULL", 'T'),
        ("-z < 5", 'N'),
        // Truth values on the left and on the right.
        ("TRUE = t", 'E'),
        ("TRUE = z", 'F'),
        ("TRUE = 'true'", 'C'),
        ("'true' = TRUE", 'T'),
        ("5 = TRUE", 'F'),
        ("(a = 10) = 5", 'F'),
        ("(a = 10) = t", 'E'),
        ("a = 10 = TRUE", 'T'),
        ("NULL OR TRUE", 'T'),
        ("NULL", 'N'),
        // Numbers.
        ("a = 0.0", 'C'),
        ("a > -9223372036854775808", 'C'),
        ("a > -9223372036854775807", 'T'),
        ("a < 1E309", 'C'),
        ("a = - - 10", 'T'),
        ("a = +10", 'T'),
        ("10L = 10", 'T'),
        ("7.5 > 7", 'T'),
        ("5", 'C'),
        ("-a", 'C'),
        // Ranges: only constants that are plain are compared beforehand.
        ("a BETWEEN 3 AND 1", 'C'),
        ("a BETWEEN (3) AND +1", 'C'),
        ("a BETWEEN -1 AND -3", 'F'),
        ("a NOT BETWEEN 3 AND 1", 'T'),
        ("a BETWEEN 2.5 AND 2", 'C'),
        ("a BETWEEN 9 AND b", 'E'),
        ("a BETWEEN 11 AND b", 'F'),
        ("z BETWEEN 1 AND b", 'N'),
        ("a NOT BETWEEN 11 AND b", 'T'),
        // Searching.
        ("b CONTAINS ''", 'F'),
        ("b NOT CONTAINS ''", 'F'),
        ("5 CONTAINS '5'", 'F'),
        ("5 NOT CONTAINS '5'", 'F'),
        ("(b > 1) CONTAINS ''", 'F'),
        ("(b > 1) CONTAINS 'x'", 'E'),
        ("a CONTAINS '1' CONTAINS '0'", 'F'),
        // A property is no truth value, whatever it holds.
        ("NOT t", 'T'),
        ("z AND FALSE", 'F'),
        ("t AND b > 1", 'F'),
        ("z AND b > 1", 'E'),
    ];
    expect(&rows, EndOfInput::Required);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let found = |wanted, found: &str| Problem::Unexpected { wanted, found: Some(found.to_owned()) };
    let ended = |wanted| Problem::Unexpected { wanted, found: None };
    let rows = [
        ("", 0, ended(Wanted::Operand)),
        ("a = 1 AND", 9, ended(Wanted::Operand)),
        ("(a = 1", 6, ended(Wanted::Closing)),
        ("a > = 1", 4, found(Wanted::Operand, "=")),
        ("a IS FALSE", 5, found(Wanted::AfterIs, "FALSE")),
        ("a NOT b", 6, found(Wanted::AfterNot, "b")),
        ("a IN 'x'", 5, found(Wanted::List, "'x'")),
        ("a IN (3)", 6, found(Wanted::TextInList, "3")),
        ("a IN ('x' 'y')", 10, found(Wanted::CommaOrClosing, "'y'")),
        ("a CONTAINS b", 11, found(Wanted::SearchText, "b")),
        ("a BETWEEN 1, 3", 11, found(Wanted::AndOfBetween, ",")),
        ("a = 'it''s' b", 12, Problem::AfterTheEnd("b".to_owned())),
        ("a = 'x", 4, Problem::UnclosedText),
        ("/* a", 0, Problem::UnclosedComment),
        ("\u{4e2d} = 1", 0, Problem::UnknownCharacter('\u{4e2d}')),
        ("b = '\u{4e2d}' AND a & 1", 14, Problem::UnknownCharacter('&')),
        ("a = 9223372036854775808", 4, Problem::IntegerTooLarge("9223372036854775808".to_owned())),
        ("a = 1E400", 4, Problem::DoubleTooLarge("1E400".to_owned())),
        ("a = 1 OR a < -0.0", 14, Problem::DoubleTooSmall("0.0".to_owned())),
        ("a = 1 OR 5", 9, Problem::NotACondition),
        ("- a", 0, Problem::NotACondition),
        ("a = 1 AND b <> NULL", 15, Problem::EqualToNull),
        ("TRUE = 5", 7, Problem::TruthBeforeConstant),
        ("a > 'x'", 4, Problem::NoOrder(Orderless::Text)),
        ("a > TRUE", 4, Problem::NoOrder(Orderless::Truth)),
        ("NULL < a", 0, Problem::NoOrder(Orderless::Null)),
        ("1 < a < 3", 0, Problem::NoOrder(Orderless::Condition)),
        ("a BETWEEN 3 AND 1", 10, Problem::RangeReversed),
        ("NOT a IN ('x')", 0, Problem::InWithoutProperty),
    ];
    for (text, at, wanted) in rows {
        let error = problem(text);
        assert_eq!(error, CompileError { at, problem: wanted }, "{text}");
        let sentence = error.to_string();
        assert!(sentence.starts_with(&format!("character {}: ", at + 1)), "{sentence}");
        assert!(sentence.ends_with('.') && !sentence.ends_with(".."), "{sentence}");
    }
    assert_eq!(
        problem("amount > 'high'").to_string(),
        "character 10: this is a text, so it is neither smaller nor larger than anything; only numbers are."
    );
    assert_eq!(
        problem("a = 1 AND").to_string(),
        "character 10: the expression ends too early; a property, a number, a text in quotes, NOT or ( has to come."
    );
}

#[test]
fn deep_and_long_expressions_are_refused_not_crashed_on() {
    let nested = |depth: usize| format!("{}a = 10{}", "(".repeat(depth), ")".repeat(depth));
    expect(&[(&nested(DEPTH_MAX), 'T')], EndOfInput::Required);
    assert_eq!(problem(&nested(10_000)), CompileError { at: DEPTH_MAX, problem: Problem::TooDeep });
    assert_eq!(problem(&"NOT ".repeat(10_000).replace("T ", "T a ")).problem, ended_after_not());
    assert_eq!(problem(&format!("{}a", "NOT ".repeat(10_000))).problem, Problem::TooDeep);
    assert_eq!(problem(&format!("a{}", " IS NULL".repeat(5_000))).problem, Problem::TooDeep);
    assert_eq!(problem(&"(".repeat(LENGTH_MAX)).problem, Problem::TooDeep);
    let length = LENGTH_MAX + 1;
    assert_eq!(problem(&"+".repeat(length)).problem, Problem::TooLong { length });
    // A chain is not deep, however long it is.
    let chain = format!("{}a = 10", "z = 1 OR ".repeat(7_000));
    expect(&[(&chain, 'T')], EndOfInput::Required);
    expect(&[(&format!("{}a = 10", "+".repeat(60_000)), 'T')], EndOfInput::Required);
}

/// In a browser a stack may have a megabyte, and a filter must do with half of it.
#[test]
fn the_deepest_expressions_do_with_a_small_stack() {
    let work = || {
        for text in [
            format!("{}a = 10{}", "(".repeat(DEPTH_MAX), ")".repeat(DEPTH_MAX)),
            "NOT ".repeat(DEPTH_MAX - 2) + "a",
        ] {
            let filter = Filter::compile(&text, EndOfInput::Required).expect("as deep as can be");
            assert_eq!(filter.evaluate(&|_| None), Ok(Truth::Unknown));
            assert_eq!(filter.clone(), filter);
            assert!(filter.expr().to_string().ends_with('a') || filter.expr().to_string() == "a = 10");
        }
    };
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(work).expect("a thread");
    thread.join().expect("the stack is large enough");
}

/// `NOT a NOT a …`: the second NOT follows a value.
fn ended_after_not() -> Problem {
    Problem::Unexpected { wanted: Wanted::AfterNot, found: Some("a".to_owned()) }
}

/// A few numbers without pattern, the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) as usize % limit
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// A text made of pieces of SQL: mostly a condition.
fn written(numbers: &mut Numbers, depth: usize) -> String {
    let operand =
        ["a", "b", "z", "t", "10", "- 3", "2.5", "'abc'", "''", "'it''s'", "TRUE", "NULL", "(a)", "7L"];
    let sign = ["=", "<>", "<", "<=", ">", ">="];
    match numbers.below(if depth == 0 { 6 } else { 10 }) {
        0 | 1 => format!("{} {} {}", numbers.pick(&operand), numbers.pick(&sign), numbers.pick(&operand)),
        2 => format!("{} {}IN ('abc', '10')", numbers.pick(&operand), numbers.pick(&["", "NOT "])),
        3 => format!("{} IS {}NULL", numbers.pick(&operand), numbers.pick(&["", "NOT "])),
        4 => {
            let word = numbers.pick(&["CONTAINS", "NOT STARTSWITH", "ENDSWITH"]);
            format!("{} {word} {}", numbers.pick(&operand), numbers.pick(&["'b'", "''"]))
        }
        5 => {
            let (value, low, high) = (numbers.pick(&operand), numbers.pick(&operand), numbers.pick(&operand));
            format!("{value} {}BETWEEN {low} AND {high}", numbers.pick(&["", "NOT "]))
        }
        6 => format!("NOT ({})", written(numbers, depth - 1)),
        7 => format!("({}) = {}", written(numbers, depth - 1), numbers.pick(&operand)),
        8 => format!("{} AND {}", written(numbers, depth - 1), written(numbers, depth - 1)),
        _ => format!("({}) OR {}", written(numbers, depth - 1), written(numbers, depth - 1)),
    }
}

#[test]
fn an_expression_that_is_printed_compiles_to_itself() {
    let mut numbers = Numbers(1);
    let mut compiled = 0;
    for _ in 0..4_000 {
        let text = written(&mut numbers, 3);
        let Ok(filter) = Filter::compile(&text, EndOfInput::Required) else { continue };
        compiled += 1;
        let printed = filter.expr().to_string();
        assert_eq!(Filter::compile(&printed, EndOfInput::Required), Ok(filter), "{text} as {printed}");
    }
    assert!(compiled > 1_000, "only {compiled} compiled");
}

/// Laws of three-valued logic that hold for every pair of conditions.
#[test]
fn and_or_and_not_keep_the_laws_of_logic() {
    let mut numbers = Numbers(2);
    let ask = |text: &str| ask(text, &MESSAGE, EndOfInput::Required);
    for _ in 0..2_000 {
        let (one, two) = (written(&mut numbers, 1), written(&mut numbers, 1));
        let answers = (ask(&format!("({one})")), ask(&format!("({two})")));
        let not_and = ask(&format!("NOT (({one}) AND ({two}))"));
        assert_eq!(not_and, ask(&format!("NOT ({one}) OR NOT ({two})")), "de Morgan: {one}, {two}");
        let wanted = match answers {
            ('C', _) | (_, 'C') => 'C',
            ('E', _) => 'E',
            ('F', _) => 'T',
            (_, 'E') => 'E',
            (_, 'F') => 'T',
            ('N', _) | (_, 'N') => 'N',
            _ => 'F',
        };
        assert_eq!(not_and, wanted, "{one}, {two}");
    }
}

/// Whatever is thrown at it, it answers; and where checking the end finds nothing wrong, not checking it changes nothing.
#[test]
fn any_text_is_answered() {
    let pieces = [
        "a",
        "'",
        "''",
        "(",
        ")",
        " ",
        " AND ",
        " NOT ",
        "=",
        "<",
        ">",
        "--",
        "/*",
        "*/",
        "\n",
        "1",
        ".",
        "e",
        "L",
        "+",
        ",",
        "IS NULL",
        " IN ",
        " BETWEEN ",
        "\u{4e2d}",
        "\u{1f600}",
        "#",
    ];
    let mut numbers = Numbers(3);
    for _ in 0..20_000 {
        let length = numbers.below(12);
        let text: String = (0..length).map(|_| numbers.pick(&pieces)).collect();
        match Filter::compile(&text, EndOfInput::Required) {
            Ok(filter) => assert_eq!(Filter::compile(&text, EndOfInput::NotChecked), Ok(filter), "{text}"),
            Err(error) => assert!(error.at <= text.chars().count(), "{text}: {error}"),
        }
    }
}
