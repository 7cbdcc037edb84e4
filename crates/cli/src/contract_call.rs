//! Fees are shown and agreed to before anything is signed; what came of a call is one answer.

use std::time::Duration;

use sealdesk_client::actor::Actor;
use sealdesk_client::stacks::send::{Approve, Bounds, CallOutcome, Plan, Sender};
use sealdesk_client::stacks::wire::contract::Request;
use sealdesk_client::stacks::wire::transaction::TxId;
use sealdesk_client::stacks::{Connection, Desk, Error};
use sealdesk_client::verify::VerifyError;
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::{Failure, with_names};
use crate::prompt;

/// How long a command waits for a block.
const WAIT: Duration = Duration::from_secs(1_800);

/// Shows what will be paid, and asks.
pub(crate) struct Asking<'a> {
    context: &'a Context,
    /// Why the payment was not agreed to.
    declined: Option<Failure>,
}

/// The desk, the key that acts there, and what may be paid.
pub(crate) struct Acting<'a> {
    desk: Desk<Connection>,
    me: Actor,
    asking: Asking<'a>,
    bounds: Bounds,
}

impl<'a> Acting<'a> {
    /// The unlocked key of `--from` at the desk that was named.
    pub(crate) fn new(context: &'a Context) -> Result<Self, Failure> {
        Ok(Self::with(context, context.contract_desk()?, context.actor()?))
    }

    pub(crate) fn with(context: &'a Context, desk: Desk<Connection>, me: Actor) -> Self {
        let fee_max = context.settings().stacks.as_ref().and_then(|stacks| stacks.fee_max);
        let usual = Bounds::default().fee_max;
        let bounds = Bounds { fee_max: fee_max.unwrap_or(usual), wait: WAIT };
        Self { desk, me, asking: Asking { context, declined: None }, bounds }
    }

    /// Who acts.
    pub(crate) fn me(&self) -> &Actor {
        &self.me
    }

    /// Calls the contract as `call` does, and says in this program's words why that failed.
    pub(crate) async fn call<T>(
        &mut self,
        call: impl AsyncFnOnce(&Desk<Connection>, &mut Sender<'_, Asking<'a>>) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let mut sender = Sender { actor: &self.me, bounds: self.bounds, approve: &mut self.asking };
        let result = call(&self.desk, &mut sender).await;
        result.map_err(|error| self.asking.declined.take().unwrap_or_else(|| error.into()))
    }
}

impl Approve for Asking<'_> {
    fn approve(&mut self, plan: &Plan) -> Result<(), Error> {
        let output = self.context.output();
        if self.context.settings().trust_node {
            // As on a ledger of one's own: whoever says so wants nothing sealed or granted by a node's word.
            self.declined = Some(sealdesk_client::Error::from(VerifyError::NodeTrusted).into());
            return Err(Error::Declined);
        }
        for call in &plan.calls {
            output.note(&format!("{}: {} bytes, fee {}", call.what, call.bytes, stx(call.fee.into())));
        }
        let settings = self.context.settings();
        let agreed = settings.yes || settings.stacks.as_ref().is_some_and(|stacks| stacks.fee_max.is_some());
        let (fee, balance) = (stx(plan.fee().into()), stx(plan.balance));
        let question = format!("Pay {fee} of {balance}?");
        prompt::confirm(output, agreed, &question).map_err(|failure| {
            self.declined = Some(match failure {
                Failure::Usage { message, .. } => {
                    Failure::usage(message, "add --yes, or name with --fee-max how many microSTX may be paid")
                }
                other => other,
            });
            Error::Declined
        })
    }

    fn note(&mut self, line: &str) {
        self.context.output().note(&with_names(line, self.context.people()));
    }

    fn sent(&mut self, what: &str, id: TxId) {
        self.context.output().note(&format!("{what}: sent as 0x{id}; waiting for a block"));
    }

    fn unanswered(&mut self, what: &str, id: TxId) {
        self.context.output().note(&format!(
            "{what}: no answer yet; it may be under way as 0x{id}: check with `sealdesk stacks tx` before you do it again"
        ));
    }
}

/// Micro-STX as people count them.
pub(crate) fn stx(micro: u128) -> String {
    let (whole, rest) = (micro / 1_000_000, micro % 1_000_000);
    let rest = format!("{rest:06}");
    match rest.trim_end_matches('0') {
        "" => format!("{whole} STX"),
        rest => format!("{whole}.{rest} STX"),
    }
}

/// Calls one function and says what was done.
pub(crate) async fn one(context: &Context, request: Request, text: &str) -> Result<(), Failure> {
    let mut acting = Acting::new(context)?;
    let outcome = acting.call(async |desk, sender| desk.call_one(sender, request).await).await?;
    done(context, &outcome, &[], || text.to_owned())
}

/// Says what came of a call.
pub(crate) fn done(
    context: &Context,
    outcome: &CallOutcome,
    more: &[(&str, Value)],
    text: impl FnOnce() -> String,
) -> Result<(), Failure> {
    let mut value = json!({
        "code": 0,
        "height": outcome.height,
        "txhash": outcome.txid.to_string(),
        "fee": outcome.fee,
    });
    for (name, field) in more {
        value[*name] = field.clone();
    }
    context.output().done(&value, || {
        let fee = stx(outcome.fee.into());
        let (height, id) = (outcome.height, outcome.txid);
        match context.settings().verbose {
            true => format!("{}\n  height {height}, transaction 0x{id}, fee {fee}", text()),
            false => format!("{}\n  fee {fee}", text()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn micro_stx_are_shown_as_people_count_them() {
        let shown = [(0, "0 STX"), (1, "0.000001 STX"), (4_400, "0.0044 STX"), (1_500_000, "1.5 STX")];
        for (micro, text) in shown {
            assert_eq!(stx(micro), text);
        }
    }
}
