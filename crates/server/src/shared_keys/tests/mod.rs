//! Nodes whose keys are changed while they serve.

mod keeping;
mod orders;
mod rotating;
mod scene;
mod standing;
