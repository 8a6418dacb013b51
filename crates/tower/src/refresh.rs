//! The credential backend is asked what holds of a user by now: once at a time for each user.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sealpass::credential::{BackendError, Refreshed, Subject};
use sealpass::policy::{Claims, Target};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::auth::Sealpass;
use crate::backend::CredentialBackend;
use crate::renew::RenewError;

/// Who is asked, and what is being asked at the moment.
pub(crate) struct Refresher<C> {
    backend: OnceLock<Arc<dyn Ask<C>>>,
    asked: Mutex<HashMap<Subject, watch::Receiver<Option<Answer<C>>>>>,
}

/// What came of asking; shared by everyone who waits for it.
pub(crate) type Answer<C> = Result<Refreshed<Arc<C>>, RefreshError>;

/// Why it is not known what holds of a user.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum RefreshError {
    #[error(transparent)]
    Backend(#[from] BackendError),
    #[error(transparent)]
    Store(#[from] crate::StoreError),
}

impl<C> Default for Refresher<C> {
    fn default() -> Self {
        Self { backend: OnceLock::new(), asked: Mutex::default() }
    }
}

impl<C: Claims> Refresher<C> {
    pub(crate) fn ask<B: CredentialBackend<Claims = C>>(&self, backend: Arc<B>) {
        // The first one stays.
        let _ = self.backend.set(backend);
    }

    /// Asks about `subject` on a task of its own, or joins whoever is asking already.
    ///
    /// The task ends on its own, so a client that hangs up keeps nobody from finding out that its
    /// user is gone; their sessions are ended there too.
    pub(crate) fn begin(auth: &Sealpass<C>, subject: &Subject) -> Refreshing<C> {
        let this = auth.refresher();
        let Some(backend) = this.backend.get() else {
            return Refreshing::Known(Ok(Refreshed::NotOffered));
        };
        let Ok(runtime) = Handle::try_current() else {
            let reason = "there is no tokio runtime to ask it on".to_owned();
            return Refreshing::Known(Err(BackendError::Unavailable { reason }.into()));
        };
        let mut asked = this.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = asked.get(subject) {
            return Refreshing::Asked(answer.clone());
        }
        let (tell, answer) = watch::channel(None);
        asked.insert(subject.clone(), answer.clone());
        drop(asked);
        let question = Question { refresher: Arc::clone(this), subject: subject.clone() };
        let (auth, backend) = (auth.clone(), Arc::clone(backend));
        runtime.spawn(async move {
            let answer = find_out(&auth, &*backend, &question.subject).await;
            // Whoever comes from here on asks anew.
            drop(question);
            tell.send_replace(Some(answer));
        });
        Refreshing::Asked(answer)
    }
}

/// An answer that is known or being waited for.
pub(crate) enum Refreshing<C> {
    Asked(watch::Receiver<Option<Answer<C>>>),
    Known(Answer<C>),
}

impl<C> Refreshing<C> {
    pub(crate) async fn answer(self) -> Answer<C> {
        let mut answer = match self {
            Self::Asked(answer) => answer,
            Self::Known(answer) => return answer,
        };
        let known = answer.wait_for(Option::is_some).await;
        let known = known.ok().and_then(|known| known.clone());
        known.unwrap_or_else(|| {
            let reason = "the task that asked it ended without an answer".to_owned();
            Err(BackendError::Unavailable { reason }.into())
        })
    }
}

/// A question that is being asked, for as long as it is.
struct Question<C> {
    refresher: Arc<Refresher<C>>,
    subject: Subject,
}

impl<C> Drop for Question<C> {
    fn drop(&mut self) {
        let mut asked = self.refresher.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.remove(&self.subject);
    }
}

async fn find_out<C: Claims>(
    auth: &Sealpass<C>,
    backend: &dyn Ask<C>,
    subject: &Subject,
) -> Answer<C> {
    let refreshed = backend.refresh(subject).await?;
    match refreshed {
        Refreshed::Current(claims) => Ok(Refreshed::Current(Arc::new(claims))),
        Refreshed::Gone => {
            let target = Target::Subject(subject.clone());
            auth.revoke(&[auth.policy().revocation_of(target, auth.now())]).await?;
            tracing::info!("a user is gone from the backend: all of their sessions are ended");
            Ok(Refreshed::Gone)
        }
        Refreshed::NotOffered => Ok(Refreshed::NotOffered),
    }
}

impl From<RefreshError> for RenewError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Backend(error) => Self::Backend(error),
            RefreshError::Store(error) => Self::Store(error),
        }
    }
}

/// [`CredentialBackend::refresh`] of whatever backend there is.
trait Ask<C>: Send + Sync {
    fn refresh<'a>(&'a self, subject: &'a Subject) -> Asking<'a, C>;
}

type Asking<'a, C> = Pin<Box<dyn Future<Output = Result<Refreshed<C>, BackendError>> + Send + 'a>>;

impl<B: CredentialBackend> Ask<B::Claims> for B {
    fn refresh<'a>(&'a self, subject: &'a Subject) -> Asking<'a, B::Claims> {
        Box::pin(CredentialBackend::refresh(self, subject))
    }
}
