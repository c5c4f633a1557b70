//! The browser's storage quota and persistence.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    type Manager;
    #[wasm_bindgen(thread_local_v2, js_namespace = navigator, js_name = storage)]
    static MANAGER: Option<Manager>;
    #[wasm_bindgen(method)]
    fn estimate(this: &Manager) -> Promise;
    #[wasm_bindgen(method)]
    fn persisted(this: &Manager) -> Promise;
    #[wasm_bindgen(method)]
    fn persist(this: &Manager) -> Promise;

    type Estimate;
    #[wasm_bindgen(method, getter)]
    fn usage(this: &Estimate) -> f64;
    #[wasm_bindgen(method, getter)]
    fn quota(this: &Estimate) -> f64;
}

/// The storage of this origin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StorageEstimate {
    /// Bytes that the origin uses.
    pub used_bytes: f64,
    /// Bytes that it may use.
    pub quota_bytes: f64,
    /// Whether the browser has promised not to clear it by itself.
    pub is_kept: bool,
}

/// The storage of this origin; `None` where the browser does not report it.
pub async fn estimate() -> Option<StorageEstimate> {
    let (estimate, persisted) = MANAGER.with(|manager| manager.as_ref().map(|it| (it.estimate(), it.persisted())))?;
    let estimate: Estimate = JsFuture::from(estimate).await.ok()?.unchecked_into();
    let is_kept = JsFuture::from(persisted).await.ok()?.is_truthy();
    Some(StorageEstimate { used_bytes: estimate.usage(), quota_bytes: estimate.quota(), is_kept })
}

/// Requests persistent storage, which the browser does not clear by itself; returns whether it is granted. The browser
/// may ask the user.
pub async fn persist() -> bool {
    let Some(promise) = MANAGER.with(|manager| manager.as_ref().map(Manager::persist)) else { return false };
    JsFuture::from(promise).await.is_ok_and(|answer| answer.is_truthy())
}
