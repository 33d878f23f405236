"""A description as linked data: DCAT, schema.org, Croissant, RO-Crate."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from yusuan.publishing.description import Description, Item, is_source
from yusuan.spec import TableSpec

Json = dict[str, Any]
_SOFTWARE = "#yusuan"
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"


def dcat(about: Description) -> Json:
    """Return a dcat:Dataset with a distribution for each file that people download."""
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "spdx": "http://spdx.org/rdf/terms#",
            "prov": "http://www.w3.org/ns/prov#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": about.identifier,
        "@type": "dcat:Dataset",
        "dct:identifier": about.name,
        "dct:title": [_word(about.title, "zh"), _word(about.title_en, "en")],
        "dct:description": _word(about.text, "zh"),
        "dct:issued": {"@value": about.date, "@type": "xsd:date" if about.whole_day() else "xsd:gYear"},
        "dct:language": "zh",
        "dct:license": {"@id": about.license_url},
        "dct:publisher": [{"@type": "foaf:Agent", "foaf:name": name} for name in about.publishers],
        "dct:spatial": [{"@type": "dct:Location", "dct:title": place} for place in about.places],
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@value": f"{about.year}-01-01", "@type": "xsd:date"},
            "dcat:endDate": {"@value": f"{about.year}-12-31", "@type": "xsd:date"},
        },
        "dcat:version": about.version,
        "dcat:keyword": list(about.keywords),
        "dct:source": [{"@id": about.url(source.path)} for source in about.sources],
        "dcat:distribution": [_distribution(about, item) for item in about.items if not is_source(item)],
    } | ({"dcat:previousVersion": {"@id": _previous(about)}} if about.previous else {})


def _word(text: str, language: str) -> Json:
    return {"@value": text, "@language": language}


def _previous(about: Description) -> str:
    return about.identifier.replace(about.version, str(about.previous))


def _distribution(about: Description, item: Item) -> Json:
    return {
        "@id": about.url(item.path),
        "@type": "dcat:Distribution",
        "dct:title": item.title,
        "dcat:downloadURL": {"@id": about.url(item.path)},
        "dcat:mediaType": {"@id": f"{_MEDIA_TYPES}{item.media_type}"},
        "dcat:byteSize": item.bytes,
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": item.sha256,
        },
    }


def schema_org(about: Description) -> Json:
    """Return a schema.org Dataset, as search engines for data read it."""
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": about.identifier,
        **_named(about),
        "alternateName": about.title_en,
        "inLanguage": "zh-CN",
        "isAccessibleForFree": True,
        "temporalCoverage": f"{about.year}-01-01/{about.year}-12-31",
        "spatialCoverage": [{"@type": "Place", "name": place} for place in about.places],
        "distribution": [
            {
                "@type": "DataDownload",
                "name": item.title,
                "contentUrl": about.url(item.path),
                "encodingFormat": item.media_type,
                "contentSize": f"{item.bytes} B",
                "sha256": item.sha256,
            }
            for item in about.items
            if not is_source(item)
        ],
        "variableMeasured": [
            {"@type": "PropertyValue", "name": field.name, "alternateName": field.en}
            | ({"unitText": "万元"} if field.type == "amount" else {})
            for field in _measures(about)
        ],
    } | ({"url": about.identifier} if about.address else {})


def _named(about: Description) -> Json:
    return {
        "name": about.title,
        "description": about.text,
        "version": about.version,
        "datePublished": about.date,
        "license": about.license_url,
        "keywords": list(about.keywords),
        "creator": [{"@type": "Organization", "name": name} for name in about.publishers],
    }


def _measures(about: Description) -> list[Any]:
    fields = (field for item in about.items if item.table and item.table.derive for field in item.table.fields)
    return list({field.name: field for field in fields if field.type == "amount"}.values())


_CROISSANT = {
    "@language": "zh",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_DATA_TYPES = {
    "integer": "sc:Integer",
    "fen": "sc:Integer",
    "rank": "sc:Integer",
    "amount": "sc:Float",
    "rate": "sc:Float",
}


def croissant(about: Description) -> Json:
    """Return a Croissant description: every CSV as a set of records with typed fields."""
    tables = [item for item in about.items if item.table and item.media_type == "text/csv"]
    return {
        "@context": _CROISSANT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        **_named(about),
        "url": about.identifier,
        "citeAs": f"{'、'.join(about.publishers)}：{about.title}，{about.version} 版",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": item.path,
                "name": item.path,
                "description": item.title,
                "contentUrl": about.url(item.path),
                "contentSize": f"{item.bytes} B",
                "encodingFormat": item.media_type,
                "sha256": item.sha256,
            }
            for item in tables
        ],
        "recordSet": [_record_set(item, item.table) for item in tables if item.table],
    }


def _record_set(item: Item, table: TableSpec) -> Json:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": f"{table.label}：{table.description.strip()}",
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{table.name}/{field.name}",
                "name": field.name,
                "description": "；".join(filter(None, (field.description, field.en))),
                "dataType": _DATA_TYPES.get(field.type, "sc:Text"),
                "source": {"fileObject": {"@id": item.path}, "extract": {"column": field.name}},
            }
            for field in table.fields
            if not field.loaded or item.path.startswith("csv/")
        ],
    }


def ro_crate(about: Description) -> Json:
    """Return an RO-Crate: the files, the documents they come from, and the conversion that made them."""
    parts = [{"@id": item.path} for item in about.items] + [{"@id": path} for path in about.groups]
    agents = {name: f"#publisher-{number}" for number, name in enumerate(about.publishers, 1)}
    root = {
        "@id": "./",
        "@type": "Dataset",
        **{key: value for key, value in _named(about).items() if key not in {"creator", "license", "keywords"}},
        "identifier": about.name,
        "keywords": "，".join(about.keywords),
        "license": {"@id": about.license_url},
        **dict.fromkeys(("creator", "author", "publisher"), _single([{"@id": key} for key in agents.values()])),
        "hasPart": parts,
        "mentions": {"@id": "#conversion"},
    }
    graph: list[Json] = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        root,
        {"@id": about.license_url, "@type": "CreativeWork", "name": about.license},
        {"@id": _SOFTWARE, "@type": "SoftwareApplication", "name": "yusuan", "version": about.engine},
        *({"@id": key, "@type": "Organization", "name": name} for name, key in agents.items()),
        _conversion(about),
        *({"@id": path, "@type": "Dataset", "name": title} for path, title in about.groups.items()),
        *(_file(about, item, agents) for item in about.items),
    ]
    return {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}


def _single(values: list[Json]) -> Json | list[Json]:
    """Return the only value itself: RO-Crate asks for no lists of one."""
    return values[0] if len(values) == 1 else values


def _conversion(about: Description) -> Json:
    made = [{"@id": item.path} for item in about.items if item.table]
    return {
        "@id": "#conversion",
        "@type": "CreateAction",
        "name": "公开文档逐格转换为数据",
        "instrument": {"@id": _SOFTWARE},
        "object": _single([{"@id": source.path} for source in about.sources]),
        "result": made,
    }


def _file(about: Description, item: Item, agents: Mapping[str, str]) -> Json:
    source = next((source for source in about.sources if source.path == item.path), None)
    told: Json = {
        "@id": item.path,
        "@type": "File",
        "name": item.title,
        "encodingFormat": item.media_type,
        "contentSize": str(item.bytes),
        "sha256": item.sha256,
    }
    return told | ({"publisher": {"@id": agents[source.publisher]}} if source else {})


#: The files of linked data that a release holds.
FILES: Mapping[str, Callable[[Description], Json]] = {
    "dcat.jsonld": dcat,
    "schema.jsonld": schema_org,
    "croissant.json": croissant,
    "ro-crate-metadata.json": ro_crate,
}


def text_of(content: Json) -> str:
    """Return linked data as the text of a file."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
