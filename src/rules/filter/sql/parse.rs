//! From words to an expression.
//!
//! ```text
//! condition   = conjunction { OR conjunction }
//! conjunction = equality { AND equality }
//! equality    = comparison { "=" comparison | "<>" comparison | IS [NOT] NULL }
//! comparison  = operand { (">" | ">=" | "<" | "<=") operand | [NOT] BETWEEN operand AND operand
//!                       | [NOT] IN "(" text { "," text } ")"
//!                       | [NOT] (CONTAINS | STARTSWITH | ENDSWITH) text }
//! operand     = { "+" | "-" | NOT } ( text | number | TRUE | FALSE | NULL | name | "(" condition ")" )
//! ```
//!
//! The rules are not functions that call each other, since then the depth of an expression would be the depth of the
//! stack, which is small in a browser. What is still open is kept in a list instead: `a = (b OR NOT` leaves `=`, `(`,
//! `OR` and `NOT` waiting for their right operands, and `a` and `b` as the parts they will take.
//!
//! What is compared is checked as soon as it is read, as in RocketMQ: see `build`.

use super::build::{self, Built, Part};
use super::expr::{Constant, Expr, Place, Relation};
use super::problem::{CompileError, Problem, Wanted};
use super::token::{Placed, Token, Tokens, Word};
use super::{DEPTH_MAX, EndOfInput, LENGTH_MAX};

/// What waits for the operand on its right.
#[derive(Clone, Copy)]
enum Waiting {
    /// `(`, and where it stands.
    Opening(usize),
    /// `+`, `-` or `NOT`, and where it stands.
    Sign(Sign, usize),
    Order(Relation),
    /// `BETWEEN`
    Low {
        negated: bool,
    },
    /// `BETWEEN low AND`
    High {
        negated: bool,
    },
    Equal {
        negated: bool,
    },
    /// So many conditions, each followed by `AND`.
    All(usize),
    /// So many, each followed by `OR`.
    Any(usize),
}

#[derive(Clone, Copy)]
enum Sign {
    Plus,
    Minus,
    Not,
}

type Parsed<T> = Result<T, CompileError>;

/// Reads a whole condition.
pub(super) fn condition(text: &str, end: EndOfInput) -> Parsed<Expr> {
    let length = text.chars().count();
    if length > LENGTH_MAX {
        return Err(CompileError { at: LENGTH_MAX, problem: Problem::TooLong { length } });
    }
    let tokens = Tokens::new(text);
    let mut parser = Parser { tokens, ahead: None, parts: Vec::new(), waiting: Vec::new(), depth: 0 };
    loop {
        parser.operand()?;
        if !parser.wants_operand()? {
            break;
        }
    }
    let condition = parser.pop().into_condition();
    let condition = parser.placed(condition)?;
    // The parser has looked at the next word to know that this is the end, so it is readable in any case.
    let next = parser.peek()?;
    if end == EndOfInput::Required && next.token != Token::End {
        return Err(parser.problem(next.start, Problem::AfterTheEnd(parser.written(next))));
    }
    Ok(condition.expr)
}

struct Parser<'a> {
    tokens: Tokens<'a>,
    /// The next word, if it has been looked at.
    ahead: Option<Placed<'a>>,
    /// What has been read and not yet become a part of something larger.
    parts: Vec<Part>,
    /// What waits for parts, the innermost last.
    waiting: Vec<Waiting>,
    /// How many parentheses are open.
    depth: usize,
}

impl<'a> Parser<'a> {
    /// Reads to the end of the next name or constant, past the signs and parentheses before it.
    fn operand(&mut self) -> Parsed<()> {
        loop {
            let next = self.advance()?;
            if let Some(sign) = sign(next.token) {
                self.waiting.push(Waiting::Sign(sign, next.start));
                continue;
            }
            let expr = match next.token {
                Token::Opening => {
                    self.depth += 1;
                    if self.depth > DEPTH_MAX {
                        return Err(self.problem(next.start, Problem::TooDeep));
                    }
                    self.waiting.push(Waiting::Opening(next.start));
                    continue;
                }
                Token::Name(name) => Expr::Property(name.to_owned()),
                _ => Expr::Constant(self.constant(next)?),
            };
            return self.keep(Part::leaf(expr, next.start));
        }
    }

    fn constant(&self, next: Placed<'a>) -> Parsed<Constant> {
        let problem = |problem| self.problem(next.start, problem);
        Ok(match next.token {
            Token::Text(text) => Constant::Text(build::unquoted(text)),
            Token::Integer(text) => build::integer(text).map_err(problem)?,
            Token::Double(text) => build::double(text).map_err(problem)?,
            Token::Word(Word::True) => Constant::Truth(true),
            Token::Word(Word::False) => Constant::Truth(false),
            Token::Word(Word::Null) => Constant::Null,
            _ => return Err(self.unexpected(next, Wanted::Operand)),
        })
    }

    /// What may follow an operand: goes on until something wants another one, or the condition is over.
    fn wants_operand(&mut self) -> Parsed<bool> {
        if self.end_of_operand()? {
            return Ok(true);
        }
        // Behind IS NULL there is nothing left to compare with `>` and the like.
        let mut is_comparison = true;
        loop {
            let next = self.peek()?;
            if is_comparison {
                if let Some(relation) = relation(next.token) {
                    self.advance()?;
                    self.waiting.push(Waiting::Order(relation));
                    return Ok(true);
                }
                if is_test(next.token) {
                    if self.test()? {
                        return Ok(true);
                    }
                    continue;
                }
            }
            if let Some(Waiting::Equal { negated }) =
                self.take_waiting(|w| matches!(w, Waiting::Equal { .. }))
            {
                let (right, left) = (self.pop(), self.pop());
                self.keep(Part::equal(left, negated, right))?;
            }
            match next.token {
                Token::Equal | Token::NotEqual => {
                    self.advance()?;
                    self.waiting.push(Waiting::Equal { negated: next.token == Token::NotEqual });
                    return Ok(true);
                }
                Token::Word(Word::Is) => {
                    self.is_null()?;
                    is_comparison = false;
                    continue;
                }
                Token::Word(Word::And) => {
                    self.advance()?;
                    let count = self.take_all();
                    return self.one_more(Waiting::All(count + 1));
                }
                _ => {}
            }
            let count = self.take_all();
            self.join(count, Expr::All)?;
            let count = self.take_any();
            if next.token == Token::Word(Word::Or) {
                self.advance()?;
                return self.one_more(Waiting::Any(count + 1));
            }
            self.join(count, Expr::Any)?;
            let Some(Waiting::Opening(start)) = self.waiting.last().copied() else { return Ok(false) };
            if next.token != Token::Closing {
                return Err(self.unexpected(next, Wanted::Closing));
            }
            self.advance()?;
            self.waiting.pop();
            self.depth -= 1;
            // Parentheses leave no trace but the place where the operand begins.
            let inner = self.pop();
            self.parts.push(inner.starting_at(start));
            if self.end_of_operand()? {
                return Ok(true);
            }
            is_comparison = true;
        }
    }

    /// An operand is complete: gives it to the signs before it and to what compares with it. Only `BETWEEN` wants
    /// another one then.
    fn end_of_operand(&mut self) -> Parsed<bool> {
        while let Some(Waiting::Sign(sign, start)) = self.take_waiting(|w| matches!(w, Waiting::Sign(..))) {
            let operand = self.pop();
            match sign {
                Sign::Plus => self.parts.push(operand.starting_at(start)),
                Sign::Minus => self.keep(operand.negated(start))?,
                Sign::Not => self.keep(operand.not(start))?,
            }
        }
        match self.waiting.last().copied() {
            Some(Waiting::Order(relation)) => {
                self.waiting.pop();
                let (right, left) = (self.pop(), self.pop());
                self.keep(Part::order(left, relation, right))?;
            }
            Some(Waiting::Low { negated }) => {
                self.expect(Token::Word(Word::And), Wanted::AndOfBetween)?;
                self.waiting.pop();
                self.waiting.push(Waiting::High { negated });
                return Ok(true);
            }
            Some(Waiting::High { negated }) => {
                self.waiting.pop();
                let (high, low, value) = (self.pop(), self.pop(), self.pop());
                self.keep(Part::between(value, low, high, negated))?;
            }
            _ => {}
        }
        Ok(false)
    }

    /// What is asked of an operand with a word. Only `BETWEEN` wants another operand then.
    fn test(&mut self) -> Parsed<bool> {
        let negated = self.take(Token::Word(Word::Not))?;
        let next = self.advance()?;
        let place = match next.token {
            Token::Word(Word::Between) => {
                self.waiting.push(Waiting::Low { negated });
                return Ok(true);
            }
            Token::Word(Word::In) => return self.list(negated).map(|()| false),
            Token::Word(Word::Contains) => Place::Anywhere,
            Token::Word(Word::StartsWith) => Place::Start,
            Token::Word(Word::EndsWith) => Place::End,
            _ => return Err(self.unexpected(next, Wanted::AfterNot)),
        };
        let search = self.text(Wanted::SearchText)?;
        let operand = self.pop();
        self.keep(operand.search(place, search, negated))?;
        Ok(false)
    }

    fn list(&mut self, negated: bool) -> Parsed<()> {
        self.expect(Token::Opening, Wanted::List)?;
        let mut texts = vec![self.text(Wanted::TextInList)?];
        while self.take(Token::Comma)? {
            texts.push(self.text(Wanted::TextInList)?);
        }
        self.expect(Token::Closing, Wanted::CommaOrClosing)?;
        let left = self.pop();
        self.keep(left.list(texts, negated))
    }

    fn is_null(&mut self) -> Parsed<()> {
        self.advance()?;
        let negated = self.take(Token::Word(Word::Not))?;
        self.expect(Token::Word(Word::Null), Wanted::AfterIs)?;
        let operand = self.pop();
        self.keep(operand.null_test(negated))
    }

    /// `AND` or `OR` stands behind a condition that may be one of several.
    fn one_more(&mut self, waiting: Waiting) -> Parsed<bool> {
        let part = self.pop();
        self.keep(part.into_condition())?;
        self.waiting.push(waiting);
        Ok(true)
    }

    /// Joins the last part with `count` before it, if there are any.
    fn join(&mut self, count: usize, join: fn(Vec<Expr>) -> Expr) -> Parsed<()> {
        if count == 0 {
            return Ok(());
        }
        let last = self.pop();
        self.keep(last.into_condition())?;
        let parts = self.parts.split_off(self.parts.len() - count - 1);
        self.keep(Part::joined(parts, join))
    }

    /// Keeps what has been built, if it could be.
    fn keep(&mut self, built: Built) -> Parsed<()> {
        self.parts.push(self.placed(built)?);
        Ok(())
    }

    /// Says where something could not be built.
    fn placed(&self, built: Built) -> Parsed<Part> {
        built.map_err(|(start, problem)| self.problem(start, problem))
    }

    /// The innermost waiting thing, if it is of this kind; then it waits no longer.
    fn take_waiting(&mut self, is_kind: fn(&Waiting) -> bool) -> Option<Waiting> {
        self.waiting.pop_if(|waiting| is_kind(waiting))
    }

    fn take_all(&mut self) -> usize {
        match self.take_waiting(|waiting| matches!(waiting, Waiting::All(_))) {
            Some(Waiting::All(count)) => count,
            _ => 0,
        }
    }

    fn take_any(&mut self) -> usize {
        match self.take_waiting(|waiting| matches!(waiting, Waiting::Any(_))) {
            Some(Waiting::Any(count)) => count,
            _ => 0,
        }
    }

    fn pop(&mut self) -> Part {
        self.parts
            .pop()
            .expect("whatever waits was put there behind its left operand, and the right one has come")
    }

    fn text(&mut self, wanted: Wanted) -> Parsed<String> {
        match self.advance()? {
            Placed { token: Token::Text(text), .. } => Ok(build::unquoted(text)),
            found => Err(self.unexpected(found, wanted)),
        }
    }

    fn expect(&mut self, token: Token<'_>, wanted: Wanted) -> Parsed<()> {
        let found = self.advance()?;
        if found.token == token { Ok(()) } else { Err(self.unexpected(found, wanted)) }
    }

    /// Goes past a word if it is this one.
    fn take(&mut self, token: Token<'_>) -> Parsed<bool> {
        let is_next = self.peek()?.token == token;
        if is_next {
            self.advance()?;
        }
        Ok(is_next)
    }

    fn peek(&mut self) -> Parsed<Placed<'a>> {
        match self.ahead {
            Some(placed) => Ok(placed),
            None => Ok(*self.ahead.insert(self.tokens.read()?)),
        }
    }

    fn advance(&mut self) -> Parsed<Placed<'a>> {
        match self.ahead.take() {
            Some(placed) => Ok(placed),
            None => self.tokens.read(),
        }
    }

    fn problem(&self, start: usize, problem: Problem) -> CompileError {
        self.tokens.problem(start, problem)
    }

    fn unexpected(&self, found: Placed<'a>, wanted: Wanted) -> CompileError {
        let written = (found.token != Token::End).then(|| self.written(found));
        self.problem(found.start, Problem::Unexpected { wanted, found: written })
    }

    /// A word as it stands in the expression.
    fn written(&self, placed: Placed<'a>) -> String {
        self.tokens.text()[placed.start..placed.end].to_owned()
    }
}

fn sign(token: Token<'_>) -> Option<Sign> {
    match token {
        Token::Plus => Some(Sign::Plus),
        Token::Minus => Some(Sign::Minus),
        Token::Word(Word::Not) => Some(Sign::Not),
        _ => None,
    }
}

fn relation(token: Token<'_>) -> Option<Relation> {
    match token {
        Token::Greater => Some(Relation::Greater),
        Token::GreaterOrEqual => Some(Relation::GreaterOrEqual),
        Token::Less => Some(Relation::Less),
        Token::LessOrEqual => Some(Relation::LessOrEqual),
        _ => None,
    }
}

/// Does a question about the operand before it begin with this word?
fn is_test(token: Token<'_>) -> bool {
    use Word::{Between, Contains, EndsWith, In, Not, StartsWith};
    matches!(token, Token::Word(Not | Between | In | Contains | StartsWith | EndsWith))
}
