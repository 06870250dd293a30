"""Bodies that are wrong in one way each, for test_bad_events.py.

They are put together as text, since no library would write them.
"""

from billhook_test import event

T = 1760000000
MARK = "marked-words-of-a-body"     # must be in no log


def subscription(event_id="evt_bad", created=str(T + 10), members="",
                 more="", kind="customer.subscription.updated",
                 object_id='"sub_1"'):
    """A newer event of the shop's subscription, put together as text, so that
    it can be wrong in any way; the bytes."""
    body = (f'{{"id":"{event_id}","object":"event","type":"{kind}",'
            f'"created":{created},"livemode":false{more},'
            f'"data":{{"object":{{"id":{object_id},'
            f'"object":"subscription","description":"{MARK}"'
            f'{members}}}}}}}')
    return body.encode("utf-8", "surrogateescape")


def deep(levels):
    """A member that is lists in lists."""
    return ',"new":' + "[" * levels + "]" * levels


# What is no event: 400, and nothing is kept.

NO_EVENTS = {
    "a list": b"[]",
    "a list of an event": b"[" + event() + b"]",
    "a text": b'"evt_bad"',
    "a number": b"7",
    "true": b"true",
    "null": b"null",
    "an empty object": b"{}",
    "no id": event().replace(b'"id": "evt_test_1", ', b""),
    "id null": event(None),
    "id a number": event(7),
    "id an object": event({"id": "evt_bad"}),
    "id empty": event(""),
    "id of 256 bytes": event("evt_" + "x" * 252),
    "id of 10 KB": event("evt_" + "x" * 10236),
    "id with a NUL": event("evt_\0bad"),
    "id of a NUL": event("\0"),
    "id with a newline": event("evt_\nbad"),
    "id with DEL": event("evt_\x7fbad"),
    "id with a lone surrogate": event("evt_\ud800"),
    "id with bad UTF-8": event().replace(b"evt_test_1", b"evt_\xff"),
    "id with UTF-8 in too many bytes":
        event().replace(b"evt_test_1", b"evt_\xc0\x80"),
    "id twice": event().replace(b'{"id"', b'{"id": "evt_bad", "id"', 1),
    "id twice, the same":
        event().replace(b'{"id"', b'{"id": "evt_test_1", "id"', 1),
    "another object": event(object="customer"),
    "object a number": event(object=7),
    "two byte-order marks": b"\xef\xbb\xbf" * 2 + event(),
    "UTF-16": event().decode().encode("utf-16"),
    "1001 levels": subscription(more=deep(1000)),
    "100,000 levels": subscription(more=deep(100000)),
    "never closed": b'{"id":' * 100000,
    "half": event()[:-1],
    "bytes after the document": event() + b"x",
    "two documents": event() + event("evt_bad"),
    "a NUL after the document": event() + b"\0",
    "a NUL inside": event().replace(b'"livemode"', b'"live\0mode"'),
    "a comment": event() + b"// done",
    "a comma too many": event()[:-1] + b",}",
    "single quotes": event().replace(b'"', b"'"),
    "a number with a zero in front":
        event().replace(b"1700000000", b"01700000000"),
    "a number without its end": event().replace(b"1700000000", b"17."),
    "a plus": event().replace(b"1700000000", b"+1700000000"),
    "NaN": event().replace(b"1700000000", b"NaN"),
    "a control character": event().replace(b"customer.created",
                                           b"customer\ncreated"),
    "form fields": b"payload=%7B%22id%22%3A%22evt_bad%22%7D",
}


# What is an event, and cannot be read: 200, failed, kept byte for byte.

# What is put behind the object's description, and the field to be named.
BAD_MEMBERS = {
    "a status that is a number": (',"status":7', "status"),
    "a status that is there twice":
        (',"status":"past_due","status":"active"', "status"),
    "a NUL in the customer's id": (r',"customer":"cus\u00001"', "customer"),
    "a customer's id of 10 KB":
        (',"customer":"cus_' + "x" * 10236 + '"', "customer"),
    "a customer that is a list": (',"customer":["cus_1"]', "customer"),
    "a number past 2^53": (',"cancel_at":9007199254740993', "cancel_at"),
    "2^53 itself": (',"cancel_at":9007199254740992', "cancel_at"),
    "a number before -2^53": (',"cancel_at":-9007199254740993', "cancel_at"),
    "a number past 2^64": (',"cancel_at":36893488147419103232', "cancel_at"),
    "a number of 100 digits": (',"cancel_at":' + "7" * 100, "cancel_at"),
    "a fraction": (',"cancel_at":1760000000.5', "cancel_at"),
    "a number beyond all bounds": (',"cancel_at":1e400', "cancel_at"),
    "one below all bounds": (',"cancel_at":-1e400', "cancel_at"),
    "a time as text": (',"current_period_end":"2026-01-01"',
                       "current_period_end"),
    "a created of the object as text": (',"created":"1760000000"',
                                        "created"),
    "metadata that are a text": (',"metadata":"none"', "metadata"),
    "metadata that are a list": (',"metadata":[]', "metadata"),
    "metadata that are a number": (',"metadata":7', "metadata"),
    "a key twice in metadata":
        (',"metadata":{"tenant_id":"a","tenant_id":"b"}', "metadata"),
    "a NUL in metadata":
        (r',"metadata":{"tenant_id":"a\u0000b"}', "metadata"),
    "a boolean as text": (',"cancel_at_period_end":"true"',
                          "cancel_at_period_end"),
    "bad UTF-8": (',"status":"past\udcff"', "status"),
    "UTF-8 that is cut": (',"status":"past\udcc3"', "status"),
    "UTF-8 in too many bytes": (',"status":"\udcc1\udc81"', "status"),
    "a surrogate in UTF-8": (',"status":"\udced\udca0\udc80"', "status"),
    "a lone surrogate": (r',"status":"\ud83d"', "status"),
    "a surrogate that is the second": (r',"status":"\ude00"', "status"),
    "items that are no list": (',"items":{"data":"none"}', "data"),
    "an item that is no object": (',"items":{"data":["si_1"]}', "items"),
    "an item that is there twice":
        (',"items":{"data":[{"id":"si_1"},{"id":"si_1"}]}', "id"),
    "a quantity of half": (',"items":{"data":[{"quantity":0.5}]}',
                           "quantity"),
    "has_more as text": (',"items":{"has_more":"no","data":[]}', "has_more"),
    "a latest_invoice that is true": (',"latest_invoice":true',
                                      "latest_invoice"),
}
BAD_ENVELOPES = {
    "created as text": (subscription(created='"1760000010"'), "created"),
    "created null": (subscription(created="null"), "created"),
    "created a fraction": (subscription(created="1760000010.5"), "created"),
    "created beyond all bounds": (subscription(created="1e400"), "created"),
    "created past 2^53": (subscription(created="9007199254740993"),
                          "created"),
    "created negative": (subscription(created="-5"), "created"),
    "created twice": (subscription(more=',"created":5'), "created"),
    "livemode as text": (subscription(more=',"livemode":"false"')
                         .replace(b'"livemode":false,', b"", 1), "livemode"),
    "livemode twice": (subscription(more=',"livemode":true'), "livemode"),
    "account a number": (subscription(more=',"account":7'), "account"),
    "api_version a number": (subscription(more=',"api_version":2020'),
                             "api_version"),
    "previous_attributes a list": (
        subscription()[:-1].replace(
            b'"data":{', b'"data":{"previous_attributes":[],') + b"}",
        "data.previous_attributes"),
}
NO_OBJECT = {
    "data twice": (subscription(more=',"data":{}'), "data"),
    "type twice": (subscription(more=',"type":"ping"'), "type"),
    "no type": (subscription().replace(
        b'"type":"customer.subscription.updated",', b""), "type"),
    "type a number": (subscription(more=',"type":7').replace(
        b'"type":"customer.subscription.updated",', b""), "type"),
    "no data": (subscription().split(b',"data"')[0] + b"}", "data.object"),
    "data a list": (subscription().split(b',"data"')[0] + b',"data":[]}',
                    "data.object"),
    "object a list": (subscription().split(b',"data"')[0] +
                      b',"data":{"object":[]}}', "data.object"),
    "object null": (subscription().split(b',"data"')[0] +
                    b',"data":{"object":null}}', "data.object"),
    "object id with a NUL": (subscription(object_id=r'"sub\u00001"'),
                             "data.object.id"),
    "object id a number": (subscription(object_id="7"), "data.object.id"),
    "object id empty": (subscription(object_id='""'), "data.object.id"),
    "object id null": (subscription(object_id="null"), "data.object.id"),
    "object id of 10 KB": (subscription(
        object_id='"sub_' + "x" * 10236 + '"'), "data.object.id"),
    "object id with a newline": (subscription(object_id=r'"sub\n1"'),
                                 "data.object.id"),
    "object id twice": (subscription(members=',"id":"sub_2"'),
                        "data.object.id"),
}
