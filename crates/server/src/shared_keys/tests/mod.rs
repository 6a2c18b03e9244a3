//! Nodes whose keys are changed while they serve.

mod ending;
mod keeping;
mod mishaps;
mod orders;
mod rotating;
mod scene;
mod standing;
