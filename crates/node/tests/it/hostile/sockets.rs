//! Strangers with websockets: idle ones, pinging ones, ones that do not read, and more than anybody may have.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::super::desk::waiting::within;
use super::ways::{Way, Wire, small};
use super::*;

/// Websockets of one address, and of all strangers.
const OF_ONE: usize = 8;
const OF_ALL: usize = 128;

type Socket = WebSocketStream<Box<dyn Wire>>;

async fn upgraded(stream: Box<dyn Wire>) -> Result<Socket, Error> {
    tokio_tungstenite::client_async("ws://localhost/websocket", stream).await.map(|(socket, _)| socket)
}

async fn socket(desk: &Desk, way: &Way, from: Ipv4Addr) -> Result<Socket, Error> {
    upgraded(way.connect(desk, from, b"http/1.1").await.unwrap()).await
}

/// Asks for something and is answered.
async fn is_answered(socket: &mut Socket) {
    socket.send(Message::text(r#"{"jsonrpc":"2.0","id":7,"method":"status"}"#)).await.unwrap();
    loop {
        match within("an answer", socket.next()).await.unwrap().unwrap() {
            Message::Text(text) => return assert!(text.contains("latest_block_height"), "{text}"),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Says "not now" with HTTP, and when to come back.
fn is_sent_away(refused: Result<Socket, Error>) {
    let Err(Error::Http(answer)) = refused else { panic!("it is let in, or cut off") };
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &"5".parse().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn websockets_that_are_idle_or_only_ping_keep_nobody_out() {
    for (desk, way) in [ways::plain().await, ways::over_tls().await] {
        let mut held = Vec::new();
        for number in 1..=16 {
            for _ in 0..OF_ONE {
                held.push(socket(&desk, &way, stranger(number)).await.unwrap());
            }
            is_sent_away(socket(&desk, &way, stranger(number)).await);
        }
        desk.until_held("websockets", OF_ALL as u64..=OF_ALL as u64).await;
        for pinging in &mut held {
            pinging.send(Message::Ping(Vec::new().into())).await.unwrap();
        }
        // Whoever has none gets the place of somebody who has most; and the operator has places beside all these.
        let mut honest = socket(&desk, &way, HONEST).await.unwrap();
        is_answered(&mut honest).await;
        is_answered(&mut socket(&desk, &way, OWN).await.unwrap()).await;
        way.is_answered(&desk, HONEST).await;
        let displaced = async {
            let ends = held.iter_mut().map(|socket| {
                Box::pin(async move {
                    while let Some(Ok(message)) = socket.next().await {
                        if let Message::Close(Some(why)) = message {
                            return why;
                        }
                    }
                    std::future::pending().await
                })
            });
            futures_util::future::select_all(ends).await.0
        };
        let why = within("somebody to be told why", displaced).await;
        assert_eq!(u16::from(why.code), 1_013, "{why:?}");
        is_answered(&mut honest).await;
        drop((held, honest));
        desk.gives_back("websockets").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_to_websockets_that_nobody_reads_hold_a_bounded_part_of_the_memory() {
    for (desk, way) in [ways::plain().await, ways::over_tls().await] {
        let mut held = Vec::new();
        for _ in 0..OF_ONE {
            let stream = way.over(small(&desk, stranger(1)).await, b"http/1.1").await.unwrap();
            let mut deaf = upgraded(stream).await.unwrap();
            for id in 0..2_000 {
                let call = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"genesis"}}"#);
                // The node reads no further than it answers.
                if tokio::time::timeout(std::time::Duration::from_millis(200), deaf.send(Message::text(call)))
                    .await
                    .is_err()
                {
                    break;
                }
            }
            held.push(deaf);
        }
        let mut honest = socket(&desk, &way, HONEST).await.unwrap();
        is_answered(&mut honest).await;
        way.is_answered(&desk, HONEST).await;
        let held_bytes = desk.held("answer_bytes");
        assert!(held_bytes <= 8 << 20, "{held_bytes} bytes are held");
        drop(held);
        desk.gives_back("answer_bytes").await;
        is_answered(&mut honest).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_half_sent_to_a_websocket_is_answered_by_nothing_and_costs_nobody_else() {
    use tokio::io::AsyncWriteExt as _;
    let (desk, way) = ways::plain().await;
    let mut held = Vec::new();
    for _ in 0..OF_ONE {
        let mut half = socket(&desk, &way, stranger(1)).await.unwrap();
        is_answered(&mut half).await;
        // A frame that says to have 400,000 bytes, of which some come.
        let head = [&[0x81, 0xff][..], &400_000u64.to_be_bytes(), &[0; 4], &[b'['; 100_000]].concat();
        half.get_mut().write_all(&head).await.unwrap();
        held.push(half);
    }
    is_sent_away(socket(&desk, &way, stranger(1)).await);
    is_answered(&mut socket(&desk, &way, HONEST).await.unwrap()).await;
    way.is_answered(&desk, stranger(1)).await;
    // One that says to be longer than any request is hung up on.
    let mut long = socket(&desk, &way, HONEST).await.unwrap();
    let head = [&[0x81, 0xff][..], &(1u64 << 40).to_be_bytes(), &[0; 4]].concat();
    long.get_mut().write_all(&head).await.unwrap();
    let end = async { while let Some(Ok(_)) = long.next().await {} };
    within("the end", end).await;
}
