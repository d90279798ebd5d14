//! A compiled expression.

use std::fmt;

/// An expression: a value, or a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A constant. `TRUE`, `FALSE` and `NULL` are conditions too.
    Constant(Constant),
    /// The value of a property.
    Property(String),
    /// `-x`
    Negate(Box<Expr>),
    /// A property where a condition has to stand. A text is no truth value: false, if the property is there at all.
    Bare(String),
    /// `NOT x`
    Not(Box<Expr>),
    /// `x AND y AND …`
    All(Vec<Expr>),
    /// `x OR y OR …`
    Any(Vec<Expr>),
    /// `=` and `<>`
    Equal {
        /// What is compared.
        left: Box<Expr>,
        /// What it is compared with.
        right: Box<Expr>,
        /// Is it `<>`?
        negated: bool,
    },
    /// `>`, `>=`, `<`, `<=`
    Order {
        /// What is compared.
        left: Box<Expr>,
        /// How.
        relation: Relation,
        /// What it is compared with.
        right: Box<Expr>,
    },
    /// `x [NOT] BETWEEN low AND high`
    Between {
        /// What is compared.
        value: Box<Expr>,
        /// The lowest value of the range.
        low: Box<Expr>,
        /// The highest.
        high: Box<Expr>,
        /// Is it `NOT BETWEEN`?
        negated: bool,
    },
    /// `a [NOT] IN ('x', 'y')`
    In {
        /// The name of the property.
        property: String,
        /// The texts in question, in the order written.
        texts: Vec<String>,
        /// Is it `NOT IN`?
        negated: bool,
    },
    /// `x IS [NOT] NULL`
    IsNull {
        /// What is asked about.
        operand: Box<Expr>,
        /// Is it `IS NOT NULL`?
        negated: bool,
    },
    /// `x [NOT] CONTAINS 's'` and its relatives.
    Search {
        /// Where to look.
        operand: Box<Expr>,
        /// In which part of it.
        place: Place,
        /// For what.
        search: String,
        /// Is there a `NOT` before the word?
        negated: bool,
    },
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// `NULL`, which is unknown.
    Null,
    /// `TRUE` or `FALSE`.
    Truth(bool),
    /// A text.
    Text(String),
    /// A whole number that fits into 32 bits.
    Int(i32),
    /// A larger one.
    Long(i64),
    /// A number that was written with a fraction or an exponent.
    Double(f64),
}

/// Which order two numbers must be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
}

/// Which part of a text has to be the one looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `CONTAINS`: any.
    Anywhere,
    /// `STARTSWITH`: the first.
    Start,
    /// `ENDSWITH`: the last.
    End,
}

impl Expr {
    /// Is it a condition: true, false or unknown, and never a text or a number?
    pub fn is_condition(&self) -> bool {
        !matches!(
            self,
            Self::Property(_)
                | Self::Negate(_)
                | Self::Constant(
                    Constant::Text(_) | Constant::Int(_) | Constant::Long(_) | Constant::Double(_)
                )
        )
    }

    /// Must it stand between parentheses if something binds to it from outside?
    fn is_compound(&self) -> bool {
        !matches!(
            self,
            Self::Constant(_) | Self::Property(_) | Self::Bare(_) | Self::Negate(_) | Self::Not(_)
        )
    }
}

/// As part of something that binds more tightly.
struct Operand<'a>(&'a Expr);

impl fmt::Display for Operand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_compound() { write!(f, "({})", self.0) } else { self.0.fmt(f) }
    }
}

/// As SQL that compiles to the same expression.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = |negated: bool| if negated { "NOT " } else { "" };
        match self {
            Self::Constant(constant) => constant.fmt(f),
            Self::Property(name) | Self::Bare(name) => f.write_str(name),
            // With a blank, since two signs in a row begin a comment.
            Self::Negate(operand) => write!(f, "- {}", Operand(operand)),
            Self::Not(operand) => write!(f, "NOT {}", Operand(operand)),
            Self::All(parts) => {
                let is_open = |part: &Expr| matches!(part, Self::All(_) | Self::Any(_));
                write_joined(f, parts, " AND ", is_open)
            }
            Self::Any(parts) => write_joined(f, parts, " OR ", |part| matches!(part, Self::Any(_))),
            Self::Equal { left, right, negated } => {
                write!(f, "{} {} {}", Operand(left), if *negated { "<>" } else { "=" }, Operand(right))
            }
            Self::Order { left, relation, right } => {
                write!(f, "{} {relation} {}", Operand(left), Operand(right))
            }
            Self::Between { value, low, high, negated } => {
                let (value, low, high) = (Operand(value), Operand(low), Operand(high));
                write!(f, "{value} {}BETWEEN {low} AND {high}", not(*negated))
            }
            Self::In { property, texts, negated } => {
                write!(f, "{property} {}IN (", not(*negated))?;
                for (index, text) in texts.iter().enumerate() {
                    write!(f, "{}{}", if index == 0 { "" } else { ", " }, Quoted(text))?;
                }
                f.write_str(")")
            }
            Self::IsNull { operand, negated } => write!(f, "{} IS {}NULL", Operand(operand), not(*negated)),
            Self::Search { operand, place, search, negated } => {
                write!(f, "{} {}{place} {}", Operand(operand), not(*negated), Quoted(search))
            }
        }
    }
}

fn write_joined(
    f: &mut fmt::Formatter<'_>,
    parts: &[Expr],
    word: &str,
    is_open: impl Fn(&Expr) -> bool,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        let word = if index == 0 { "" } else { word };
        if is_open(part) { write!(f, "{word}({part})")? } else { write!(f, "{word}{part}")? }
    }
    Ok(())
}

struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0.replace('\'', "''"))
    }
}

impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Truth(true) => f.write_str("TRUE"),
            Self::Truth(false) => f.write_str("FALSE"),
            Self::Text(text) => Quoted(text).fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Long(value) => value.fmt(f),
            // With a point or an exponent, always.
            Self::Double(value) => write!(f, "{value:?}"),
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anywhere => "CONTAINS",
            Self::Start => "STARTSWITH",
            Self::End => "ENDSWITH",
        })
    }
}
