//! What the visitor or the browser can wish for, and what then has to be done.

use super::super::preferences::ThemeChoice;
use super::super::speed::Speed;
use super::super::subject::Subject;
use super::branches::Spot;
use super::stage::StepSize;
use crate::broker::Command;
use crate::lesson::Language;
use crate::scenario::Profile;
use crate::session::BranchId;
use crate::sim::Instant;

/// A wish of the visitor, or of the browser.
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// The browser is ready for the next picture; its timestamp in milliseconds.
    Frame(f64),
    /// A key asks for something, if it makes sense by then.
    Key(Box<Msg>),
    /// It is time to write the address that was to be written later.
    WriteAddress,
    /// The browser's buttons lead to an entry that is not ours.
    LookAtAddress,
    /// There is another room for the picture.
    Resized,
    /// The system's colours or its wish for little motion have changed.
    MediaChanged,

    /// Let time run, or stop it; at the end, start again.
    TogglePlay,
    /// One thing happens, then time stands still.
    Step,
    /// The last thing has not happened yet, and time stands still.
    StepBack,
    /// Time stands still where the next stage of a message begins.
    NextStage,
    /// The same where the last one before now began.
    PreviousStage,
    /// So much happens in a step that a button brings.
    SetStepSize(StepSize),
    /// Back to the first instant; what the visitor did will be done again.
    Reset,
    /// To an instant, earlier or later; time stands still there unless it was running.
    Seek(Instant),
    /// The same by so many hundredths of the bar.
    SeekBy(i64),
    /// What was to be done again will not be.
    ForgetActs,
    /// Run to the next thing worth looking at.
    NextEvent,
    /// To the scenario's next marker.
    NextMarker,
    /// To the marker before.
    PreviousMarker,
    /// What the visitor did last was not done.
    Undo,
    /// What was undone is done again.
    Redo,
    /// Watch another branch of the run.
    OpenBranch(BranchId),
    /// Give a branch up.
    DeleteBranch(BranchId),
    /// The branch that was deleted last is there again.
    RestoreBranch,
    /// Compare another branch with the present one, or none.
    CompareWith(Option<BranchId>),
    /// The browser's buttons lead to a run that was left, or to another branch of this one.
    GoBackTo(Spot),
    /// Beyond the end of the scenario.
    GoOn,
    /// Time runs this fast.
    SetSpeed(Speed),
    /// Twice as fast.
    Faster,
    /// Half as fast.
    Slower,

    /// Do something to the world, now.
    Command(Box<Command>),
    /// Select something, or nothing.
    Select(Option<Subject>),
    /// The pointer is over something, or over nothing.
    Hover(Option<Subject>),
    /// The pointer is over an instant of a time axis, or has left it.
    Cursor(Option<Instant>),

    /// Play a bundled scenario.
    Load(String),
    /// Play a scenario that the visitor has as a file.
    LoadText(String),
    /// The file that the visitor chose has so many bytes: too many to be read.
    FileTooLong(u64),
    /// Play the experiment in the fragment of a link.
    OpenLink(String),
    /// Play the same with another seed.
    SetSeed(u64),
    /// Play the same under another profile.
    SetProfile(Profile),
    /// Play the same with another value for a setting: its name, and what was typed.
    SetSetting(&'static str, String),
    /// Play the same with a seed that nobody chose.
    FreshSeed,

    /// Speak this language.
    SetLanguage(Language),
    /// Speak the other language.
    NextLanguage,
    /// Wear these colours.
    SetTheme(ThemeChoice),
    /// Wear the next colours.
    NextTheme,
    /// Letters, digits and signs are shortcuts, or are not.
    SetCharacterKeys(bool),
    /// Go to a section with the keyboard.
    Focus(PanelId),
    /// Show a dialog.
    Open(Dialog),
    /// Close what is open, or select nothing.
    Close,
}

/// What a wish means where the run is on its way to a place that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Concern {
    /// Nothing: it is about how the run is looked at.
    View,
    /// It changes the course of the run, and is meant for where the run goes: it waits until it is there.
    Course,
    /// It leads to another place of this run, instead; but not past what waits.
    Place,
    /// It stops the run, or may open another one. If it does, what waits is not done.
    Run,
}

impl Msg {
    /// What it means for a run that is on its way.
    pub(super) fn concern(&self) -> Concern {
        match self {
            Self::ForgetActs | Self::Undo | Self::Redo | Self::Command(_) => Concern::Course,
            Self::Step
            | Self::StepBack
            | Self::NextStage
            | Self::PreviousStage
            | Self::Reset
            | Self::Seek(_)
            | Self::SeekBy(_)
            | Self::NextEvent
            | Self::NextMarker
            | Self::PreviousMarker
            | Self::OpenBranch(_)
            | Self::DeleteBranch(_)
            | Self::RestoreBranch
            | Self::GoOn => Concern::Place,
            Self::TogglePlay
            | Self::GoBackTo(_)
            | Self::Load(_)
            | Self::LoadText(_)
            | Self::OpenLink(_)
            | Self::SetSeed(_)
            | Self::SetProfile(_)
            | Self::SetSetting(..)
            | Self::FreshSeed => Concern::Run,
            Self::Frame(_)
            | Self::Key(_)
            | Self::WriteAddress
            | Self::LookAtAddress
            | Self::Resized
            | Self::MediaChanged
            | Self::SetStepSize(_)
            | Self::CompareWith(_)
            | Self::SetSpeed(_)
            | Self::Faster
            | Self::Slower
            | Self::Select(_)
            | Self::Hover(_)
            | Self::Cursor(_)
            | Self::FileTooLong(_)
            | Self::SetLanguage(_)
            | Self::NextLanguage
            | Self::SetTheme(_)
            | Self::NextTheme
            | Self::SetCharacterKeys(_)
            | Self::Focus(_)
            | Self::Open(_)
            | Self::Close => Concern::View,
        }
    }
}

/// A section of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanelId {
    /// The picture.
    Stage,
    /// What is selected.
    Inspector,
    /// The charts.
    Plots,
    /// What happened.
    Log,
    /// The numbers.
    Twin,
}

/// What can lie over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// The scenarios.
    Picker,
    /// The keys.
    Help,
    /// What is modelled, simplified, left out.
    Model,
    /// The settings, and what real systems do.
    Settings,
    /// RocketMQ's own metrics.
    Metrics,
    /// What is promised, and what came of it.
    Promises,
    /// Links to this run, and the run as a file.
    Share,
    /// What is wrong with a scenario file.
    Problems,
}

/// What has to be done after an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Then {
    /// Nothing.
    Rest,
    /// A new picture.
    Paint,
    /// A new picture and new panels.
    Render,
}
