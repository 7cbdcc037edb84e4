# What a script with cosmpy does, with the settings that cosmpy has by default, over the URL that it is given: gRPC or REST.
# Prints what it saw as one line of JSON and ends by itself.
import base64
import json
import os

from cosmpy.aerial.client import LedgerClient, NetworkConfig
from cosmpy.aerial.client.utils import prepare_and_broadcast_basic_transaction
from cosmpy.aerial.tx import Transaction
from cosmpy.aerial.wallet import LocalWallet
from cosmpy.crypto.address import Address
from cosmpy.crypto.keypairs import PrivateKey
from cosmpy.protos.cosmos.base.query.v1beta1.pagination_pb2 import PageRequest
from cosmpy.protos.cosmos.tx.v1beta1.service_pb2 import GetTxsEventRequest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

asked = json.loads(os.environ["SEALDESK_ASKED"])

# The one message that is sent, as its proto has it, so that this needs no generated code.
roles = descriptor_pb2.FileDescriptorProto(name="roles.proto", package="virtengine.roles.v1", syntax="proto3")
message = roles.message_type.add(name="MsgAssignRole")
TEXT, INT64, UINT64, BYTES = 9, 3, 4, 12
for number, name, kind in [
    (1, "sender", TEXT),
    (2, "address", TEXT),
    (3, "role", TEXT),
    (20, "made", INT64),
    (21, "change", UINT64),
    (22, "account_pub_key", BYTES),
    (23, "account_signature", BYTES),
]:
    message.field.add(name=name, number=number, type=kind, label=1)
roles.message_type.add(name="MsgAssignRoleResponse").field.add(name="applied", number=20, type=8, label=1)
pool = descriptor_pool.Default()
pool.Add(roles)
MsgAssignRole = message_factory.GetMessageClass(pool.FindMessageTypeByName("virtengine.roles.v1.MsgAssignRole"))

client = LedgerClient(
    NetworkConfig(
        chain_id=asked["chain"],
        fee_minimum_gas_price=0,
        fee_denomination="seal",
        staking_denomination="seal",
        url=asked["url"],
    )
)
wallet = LocalWallet(PrivateKey(base64.b64decode(asked["key"])), prefix=asked["prefix"])
address = str(wallet.address())
seen = {"address": address, "chain": client.query_chain_id(), "before": client.query_account(wallet.address()).sequence}
seen["newcomer"] = client.query_account(Address(asked["newcomer"])).sequence
seen["balance"] = client.query_bank_balance(wallet.address())
seen["balances"] = len(client.query_bank_all_balances(wallet.address()))
seen["validators"] = len(client.query_validators())
seen["app"] = client.query_node_info().app_name


def send(whom):
    tx = Transaction()
    tx.add_message(MsgAssignRole(sender=address, address=whom, role="customer"))
    return prepare_and_broadcast_basic_transaction(client, tx, wallet)


good = send(asked["customer"]).wait_to_complete().response
seen["good"] = {"code": good.code, "height": good.height, "events": sorted(good.events)}
# The second time it is refused already where it is simulated.
try:
    send(asked["customer"])
    seen["refused"] = "taken"
except Exception as error:
    seen["refused"] = str(error)
seen["after"] = client.query_account(wallet.address()).sequence
seen["found"] = client.query_tx(good.hash).code
seen["block"] = client.query_block(good.height).height
found = client.txs.GetTxsEvent(GetTxsEventRequest(query=f"message.sender='{address}'", pagination=PageRequest(limit=10)))
seen["by_sender"] = [response.txhash for response in found.tx_responses].count(good.hash)
print(json.dumps(seen))
