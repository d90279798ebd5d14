//! The page: a Yew application that shows one run and turns what the visitor does into commands.
