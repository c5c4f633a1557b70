//! Random numbers.

/// Thirty-two random bytes, as the seed of generators.
///
/// # Errors
/// A sentence, when the browser has no source of randomness.
pub fn entropy() -> Result<[u8; 32], String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| format!("the browser gives no random numbers: {error}"))?;
    Ok(bytes)
}

/// A random number from 0 to 1.
pub fn unit() -> f64 {
    js_sys::Math::random()
}
