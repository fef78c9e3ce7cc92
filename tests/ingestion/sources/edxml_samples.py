"""edXML packages as different senders write them."""

from __future__ import annotations

import base64

NEW = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
OLD = "http://www.e-doc.vn/Schema/"


def package(
    *,
    sender: str = "000.00.03.H51",
    document_id: str = "000.00.03.H51,2021/12/17,5686/BC-STC",
    number: str = "5686",
    notation: str = "BC-STC",
    promulgated: str = "2021/12/17",
    subject: str = "Báo cáo công tác CCHC năm 2021",
    business: str = "",
    attachments: tuple[tuple[str, bytes], ...] = (("bao-cao.xlsx", b"PK\x03\x04 form"),),
    namespace: str = NEW,
    prefix: str = "edXML:",
    cid_in_manifest: bool = True,
    cid_in_attachment: bool = False,
    is_attached_inside: bool = False,
    names_in_attachment: bool = True,
    head: bytes = b'<?xml version="1.0" encoding="utf-8"?>',
) -> bytes:
    p = prefix
    declared = f'xmlns:{prefix[:-1]}="{namespace}"' if prefix else f'xmlns="{namespace}"'
    references = "".join(
        f"<{p}Reference><{p}ContentId>{'cid:' if cid_in_manifest else ''}c{n}</{p}ContentId>"
        f"<{p}ContentType>application/octet-stream</{p}ContentType><{p}AttachmentName>{name}</{p}AttachmentName></{p}Reference>"
        for n, (name, _) in enumerate(attachments)
    )
    encoded = (
        f"<{p}AttachmentEncoded>"
        + "".join(
            f"<{p}Attachment><{p}ContentTransferEncoded>{base64.encodebytes(content).decode()}</{p}ContentTransferEncoded>"
            + (f"<{p}AttachmentName>{name}</{p}AttachmentName>" if names_in_attachment else "")
            + f"<{p}ContentId>{'cid:' if cid_in_attachment else ''}c{n}</{p}ContentId></{p}Attachment>"
            for n, (name, content) in enumerate(attachments)
        )
        + f"</{p}AttachmentEncoded>"
    )
    inside, beside = (encoded, "") if is_attached_inside else ("", encoded)
    text = (
        f"<{p}edXML {declared}><{p}edXMLEnvelope><{p}edXMLHeader>"
        f"<{p}TraceHeaderList><{p}TraceHeader><{p}OrganId>000.00.99.H51</{p}OrganId>"
        f"<{p}Timestamp>2021/12/17 08:00:00</{p}Timestamp></{p}TraceHeader>{business}</{p}TraceHeaderList>"
        f"<{p}MessageHeader><{p}Subject>{subject}</{p}Subject>"
        f"<{p}To><{p}OrganId>000.00.02.H51</{p}OrganId></{p}To><{p}To><{p}OrganId>000.00.00.H51</{p}OrganId></{p}To>"
        f"<{p}ResponseFor><{p}OrganId>000.00.02.H51</{p}OrganId>"
        f"<{p}DocumentId>000.00.02.H51,2021/11/01,1/X</{p}DocumentId></{p}ResponseFor>"
        f"<{p}PromulgationInfo><{p}Place>Sóc Trăng</{p}Place>"
        f"<{p}PromulgationDate>{promulgated}</{p}PromulgationDate></{p}PromulgationInfo>"
        f"<{p}Code><{p}CodeNotation>{notation}</{p}CodeNotation><{p}CodeNumber>{number}</{p}CodeNumber></{p}Code>"
        f"<{p}DocumentId>{document_id}</{p}DocumentId>"
        f"<{p}From><{p}OrganName>Sở Nội vụ</{p}OrganName><{p}OrganId>{sender}</{p}OrganId></{p}From>"
        f"</{p}MessageHeader><{p}Signature/></{p}edXMLHeader>"
        f"<{p}edXMLBody><{p}edXMLManifest>{references}</{p}edXMLManifest></{p}edXMLBody>{inside}</{p}edXMLEnvelope>"
        f"{beside}</{p}edXML>"
    )
    return head + text.encode()


def changes(
    kind: str, *targets: str, prefix: str = "edXML:", spelled: str = "Bussiness", reason: str = "Sai số liệu"
) -> str:
    """The Bussiness element of a recall (1), an update (2) or a replacement (3)."""
    p, first = prefix, targets[0] if targets else ""
    listed = "".join(
        f"<{p}ReplacementInfo><{p}DocumentId>{target}</{p}DocumentId></{p}ReplacementInfo>" for target in targets[1:]
    )
    return (
        f"<{p}{spelled}><{p}{spelled}DocType>{kind}</{p}{spelled}DocType><{p}{spelled}DocReason>{reason}</{p}{spelled}DocReason>"
        f"<{p}DocumentId>{first}</{p}DocumentId>"
        f"<{p}ReplacementInfoList>{listed}</{p}ReplacementInfoList></{p}{spelled}>"
    )
