"""The command line: each command calls one function of the workflow, prints what it returns, ends with its code."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from yusuan import __version__, console, deposit, trial, workflow
from yusuan.dictionary import data_dictionary, rules_page
from yusuan.disclosure import Options
from yusuan.errors import YusuanError
from yusuan.spec import load_specs


class Classification(StrEnum):
    """The two classifications whose codes documents print."""

    functional = "functional"
    economic = "economic"


app = typer.Typer(
    name="yusuan",
    help="预算公开文档 → 经校验、可溯源的数据包、SQLite 数据库和网站。",
    epilog="例：yusuan build 文档文件夹 && yusuan serve",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Host(StrEnum):
    """Where a release may be deposited."""

    zenodo = "zenodo"
    sandbox = "sandbox"


Sources = Annotated[list[str], typer.Argument(help="文档、文件夹或通配符", metavar="SOURCE...")]
Root = Annotated[Path, typer.Argument(help="一个年度的数据包，或装着各年度数据包的文件夹")]
Out = Annotated[Path, typer.Option("--out", help="数据包写到 <out>/<年度>/")]
Db = Annotated[Path, typer.Option("--db", help="SQLite 文件，一次性替换")]
LayoutName = Annotated[str | None, typer.Option("--layout", help="版式名称；缺省按表题认定")]
Place = Annotated[str | None, typer.Option("--place", help="六位区划代码；缺省按单位名称认定")]
Replace = Annotated[bool, typer.Option("--replace", help="同一单位、年度已有文档时，以新文档取代")]
Verify = Annotated[bool, typer.Option("--verify", help="用第二个读取器把 PDF 的每个格子再读一遍，比较两次结果")]
Workers = Annotated[int, typer.Option("--workers", min=1, max=64, help="同时读取几份文档")]
Json = Annotated[bool, typer.Option("--json", help="结果输出为 JSON")]


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="显示版本")] = False) -> None:
    """预算公开文档 → 经校验、可溯源的数据包、SQLite 数据库和网站。"""
    if version:
        typer.echo(f"yusuan {__version__}")
        raise typer.Exit


@app.command(epilog="例：yusuan convert 下载/*.md --out datapackage")
def convert(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    sources: Sources,
    out: Out = Path("datapackage"),
    layout: LayoutName = None,
    place: Place = None,
    replace: Replace = False,
    verify: Verify = False,
    workers: Workers = 1,
    json: Json = False,
) -> None:
    """把公开文档转换为数据包。"""
    paths = workflow.find_sources(sources)
    options = Options(layout, place, replace, verify, workers)
    _finish(workflow.convert(paths, out, load_specs(), options, track=console.track), json=json)


@app.command(epilog="例：yusuan validate datapackage/2026")
def validate(path: Root = Path("datapackage"), json: Json = False) -> None:
    """按规格校验数据包，离线进行。"""
    report = workflow.validate(path, load_specs(), track=console.track)
    if not json and not report.problems:
        console.out.print("数据包有效", style="green")
    _finish(report, json=json)


@app.command(epilog="例：yusuan check datapackage/2026，或 yusuan check 公开文档.pdf")
def check(
    paths: Annotated[list[str] | None, typer.Argument(help="数据包，或公开文档", metavar="[PATH]...")] = None,
    layout: LayoutName = None,
    place: Place = None,
    workers: Workers = 1,
    json: Json = False,
) -> None:
    """核对：哪里完全相符，哪里在舍入之内，哪里对不上；数据包的发现和 report.md 随之更新。"""
    targets = workflow.find_targets(paths or ["datapackage"])
    options = Options(layout=layout, place=place, workers=workers)
    checked = workflow.check(targets, load_specs(), options, track=console.track)
    console.print_json(checked.as_dict()) if json else console.print_checked(checked)
    raise typer.Exit(checked.exit_code)


@app.command(epilog="例：yusuan load datapackage --db budget.db")
def load(path: Root = Path("datapackage"), db: Db = Path("budget.db"), json: Json = False) -> None:
    """把各年度的数据包载入一个 SQLite 数据库。"""
    _finish(workflow.load(path, db, load_specs(), track=console.track), json=json)


@app.command(epilog="例：yusuan build 2026年预算公开/ --db budget.db")
def build(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    sources: Sources,
    out: Out = Path("datapackage"),
    db: Db = Path("budget.db"),
    layout: LayoutName = None,
    place: Place = None,
    replace: Replace = False,
    verify: Verify = False,
    workers: Workers = 1,
    json: Json = False,
) -> None:
    """转换、校验、载入，一步完成。"""
    paths = workflow.find_sources(sources)
    options = Options(layout, place, replace, verify, workers)
    _finish(workflow.build(paths, out, db, load_specs(), options, track=console.track), json=json)


@app.command(epilog="例：yusuan serve budget.db --port 8001")
def serve(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    db: Annotated[Path, typer.Argument(help="SQLite 文件")] = Path("budget.db"),
    host: Annotated[str, typer.Option("--host", help="监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="端口")] = 8001,
    sources: Annotated[list[Path] | None, typer.Option("--sources", help="存放公开文档的文件夹，可以给几个")] = None,
    packages: Annotated[Path, typer.Option("--packages", help="装着各年度数据包的文件夹")] = Path("datapackage"),
    releases: Annotated[Path, typer.Option("--releases", help="装着年度发布的文件夹")] = Path("releases"),
    public: Annotated[bool, typer.Option("--public", help="给公众使用：限制每个请求的用时、内存和内容")] = False,
    allow_sql: Annotated[bool, typer.Option("--allow-sql", help="给公众使用时，也允许自己写查询")] = False,
    address: Annotated[str | None, typer.Option("--address", help="网站对外的地址，例如 https://example.org")] = None,
    cache: Annotated[Path | None, typer.Option("--cache", help="存放页面图片和压缩包的文件夹")] = None,
) -> None:
    """打开网站：缺省只给本机，加 --public 给公众。"""
    from yusuan.site import server  # noqa: PLC0415 - Datasette takes a second to import; only this command pays
    from yusuan.site.setup import Setup  # noqa: PLC0415 - see above

    folders = tuple(sources) if sources else (packages / "sources",)
    setup = Setup(folders, packages, releases, public, allow_sql, address, cache)
    site = server.make_site(db, load_specs(), setup)
    with server.listen(host, port) as listener:
        console.out.print(f"网站已就绪：http://{host}:{port}/ （按 Ctrl-C 结束）")
        server.serve(site, listener)


@app.command(epilog="例：yusuan site budget.db --out 静态网站 --address https://budget.example.org/")
def site(
    db: Annotated[Path, typer.Argument(help="SQLite 文件")] = Path("budget.db"),
    out: Annotated[Path, typer.Option("--out", help="网站写到哪个文件夹，一次性替换")] = Path("site"),
    address: Annotated[str | None, typer.Option("--address", help="网站将来的地址，写进站点地图和引用")] = None,
    json: Json = False,
) -> None:
    """把网站写成一个文件夹：不用服务器，放到哪里都能看。"""
    from yusuan.static import replace_site  # noqa: PLC0415 - see serve

    written = replace_site(out, db, load_specs(), address)
    console.print_json(written.as_dict()) if json else console.print_site(written.as_dict())


@app.command(epilog="例：yusuan inspect 公开文档.pdf --page 19 --out 第19页.png")
def inspect(
    source: Annotated[Path, typer.Argument(help="PDF 文件")],
    page: Annotated[int, typer.Option("--page", min=1, help="页码，从 1 开始")],
    out: Annotated[Path, typer.Option("--out", help="图片写到哪里")] = Path("page.png"),
) -> None:
    """画出一页上认出的格子和列，供怀疑某个数的人查看。"""
    workflow.inspect(source, page, out, load_specs())
    console.out.print(f"已写入 {out}：红框为格子，橙框为合并的格子；蓝为表头，紫为栏次，绿为数据，下方是认定的列")


@app.command(epilog="例：yusuan publish 2026 --dry-run")
def publish(  # noqa: PLR0913, PLR0917 - the options of a command are its parameters
    year: Annotated[int, typer.Argument(help="年度")],
    package: Annotated[Path, typer.Option("--package", help="装着各年度数据包的文件夹")] = Path("datapackage"),
    out: Annotated[Path, typer.Option("--out", help="发布到 <out>/<版本>/")] = Path("releases"),
    sources: Annotated[list[Path] | None, typer.Option("--sources", help="存放来源文档的文件夹，可以给几个")] = None,
    date: Annotated[str | None, typer.Option("--date", help="发布日期，如 2026-03-31；缺省由数据包得出")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="行数比上一版少时，为什么")] = None,
    sign: Annotated[Path | None, typer.Option("--sign", help="用这把 minisign 密钥签名")] = None,
    address: Annotated[
        str | None, typer.Option("--address", help="各版发布放在哪里，例如 https://example.org/d")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查条件，不写任何文件")] = False,
    json: Json = False,
) -> None:
    """发布一个年度：检查条件，写出各种格式、与上一版的差别和校验和。"""
    from yusuan import release  # noqa: PLC0415 - Parquet and workbooks take half a second to import

    wishes = release.Wishes(tuple(sources or ()), date, reason, sign, address, dry_run)
    made = release.publish(year, package, out, load_specs(), wishes)
    console.print_json(made.as_dict()) if json else console.print_release(made)
    raise typer.Exit(1 if made.blocked else 0)


@app.command(epilog="例：yusuan verify releases/2026.1")
def verify(
    folder: Annotated[Path, typer.Argument(help="一个年度发布的文件夹")],
    key: Annotated[str | None, typer.Option("--key", help="发布者的 minisign 公钥：文件，或 RW 开头的那一行")] = None,
    json: Json = False,
) -> None:
    """核对一个年度发布：签名、每个文件、压缩包、数据库、数据包；有不同时退出码为 1。"""
    from yusuan import release  # noqa: PLC0415 - see publish

    found = release.verify(folder, load_specs(), key)
    console.print_json(found.as_dict()) if json else console.print_verified(found)
    raise typer.Exit(1 if found.problems else 0)


@app.command(epilog="例：yusuan diff releases/2026.1 datapackage/2026")
def diff(
    old: Annotated[Path, typer.Argument(help="旧的一版：年度发布或数据包的文件夹", metavar="OLD")],
    new: Annotated[Path, typer.Argument(help="新的一版", metavar="NEW")],
    json: Json = False,
) -> None:
    """比较两版数据：文档、逐格的改动、更正、表和列；有差别时退出码为 1。"""
    from yusuan import release  # noqa: PLC0415 - see publish

    found = release.diff(old, new, load_specs())
    console.print_json(found.as_dict()) if json else console.print_difference(found)
    raise typer.Exit(1 if found.changes else 0)


layouts = typer.Typer(help="加一个地方：起草版式，在文档上试。", no_args_is_help=True)
app.add_typer(layouts, name="layout", epilog="例：yusuan layout new 公开文档.pdf --out 某地.yml")


@layouts.command("new", epilog="例：yusuan layout new 公开文档.pdf --out 某地.yml")
def layout_new(
    source: Annotated[Path, typer.Argument(help="一份没有版式的公开文档")],
    out: Annotated[Path, typer.Option("--out", help="版式写到哪里；文件名就是版式名称")] = Path("new-place.yml"),
) -> None:
    """起草一份版式：找到的表题、表头，和最接近的字段；拿不准的标 TODO。"""
    count = trial.draft_layout(source, out, load_specs())
    console.out.say(f"已写入 {out}：{count} 处 TODO 要核对；下一步 yusuan layout test {out} {source}")


@layouts.command("test", epilog="例：yusuan layout test 某地.yml 文档.pdf --pictures 图")
def layout_test(
    layout: Annotated[str, typer.Argument(help="版式文件（.yml），或已有版式的名称")],
    sources: Sources,
    pictures: Annotated[Path | None, typer.Option("--pictures", help="各页的图写到哪个文件夹")] = None,
    write: Annotated[bool, typer.Option("--write", help="没有期望结果的，把读到的写成期望，供人对照")] = False,
    place: Place = None,
) -> None:
    """在文档上试一份版式：每张表认成什么，加不加得起来，与旁边的期望结果有何不同。"""
    tried = trial.try_layouts(layout, workflow.find_sources(sources), load_specs(), place, pictures, write=write)
    for item in tried:
        for line in trial.trial_lines(item):
            console.out.say(line)
        console.print_problems(item.problems)
    raise typer.Exit(0 if all(item.passed for item in tried) else 1)


codes = typer.Typer(help="代码表：与官方版本比较，写出新的代码表。", no_args_is_help=True)
app.add_typer(codes, name="codes", epilog="例：yusuan codes import 2027年科目.xlsx --kind functional --edition 2027")


@codes.callback()
def codes_root() -> None:
    """代码表：与官方版本比较，写出新的代码表。"""


@codes.command(
    "import", epilog="例：yusuan codes import 2027年科目.xlsx --kind functional --edition 2027 --out schemas/codes"
)
def codes_import(
    file: Annotated[Path, typer.Argument(help="官方版本：有编码和名称两列的 CSV 或 XLSX")],
    kind: Annotated[Classification, typer.Option("--kind", help="功能分类 functional，或经济分类 economic")],
    edition: Annotated[int, typer.Option("--edition", min=1949, max=2999, help="哪一年的版本")],
    out: Annotated[Path | None, typer.Option("--out", help="写到哪个文件夹；缺省只比较")] = None,
) -> None:
    """比较一份官方代码表：新增、改名、停用的科目；写出 schemas/codes/ 的格式。"""
    from yusuan.code_import import comparison_lines, import_codes  # noqa: PLC0415 - openpyxl takes a while to import

    for line in comparison_lines(import_codes(file, kind.value, edition, load_specs(), out)):
        console.out.say(line)


@app.command(name="deposit", epilog="例：ZENODO_TOKEN=… yusuan deposit releases/2026.1 --to sandbox")
def deposit_release(
    folder: Annotated[Path, typer.Argument(help="一次发布的文件夹，例如 releases/2026.1")],
    to: Annotated[Host, typer.Option("--to", help="存到哪里：正式的，或试用的沙盒")] = Host.sandbox,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只列出要存的文件，不联网")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="公开，不能撤回；缺省只留草稿")] = False,
    version_of: Annotated[int | None, typer.Option("--version-of", help="作为哪一条已公开记录的新版本")] = None,
    json: Json = False,
) -> None:
    """把一次发布存进 Zenodo，得到 DOI；缺省只留草稿，中断了再运行就接着做。"""
    wish = deposit.Wish(to.value, publish, version_of)
    made = deposit.run(folder, wish, os.environ, console.err.say, dry_run=dry_run)
    console.print_json(made.as_dict()) if json else console.print_deposit(made)


@app.command(epilog="例：yusuan metadata > metadata.yml", hidden=True)
def metadata() -> None:
    """输出由规格生成的 Datasette 元数据。"""
    from yusuan.site.metadata import metadata_yaml  # noqa: PLC0415 - see serve

    typer.echo(metadata_yaml(load_specs()), nl=False)


@app.command(epilog="例：yusuan dictionary > docs/data-dictionary.md", hidden=True)
def dictionary() -> None:
    """输出由规格生成的数据字典。"""
    typer.echo(data_dictionary(load_specs()), nl=False)


@app.command(epilog="例：yusuan rules > docs/rules.md", hidden=True)
def rules() -> None:
    """输出由规格生成的核对规则。"""
    typer.echo(rules_page(load_specs()), nl=False)


def _finish(report: workflow.Report, *, json: bool) -> None:
    console.print_json(report.as_dict()) if json else console.print_report(report)
    raise typer.Exit(report.exit_code)


def main() -> None:
    """Run the command line; our own errors end with their message and code, never with a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a GBK terminal has no ✓
    try:
        app()
    except YusuanError as error:
        console.print_problems(error.problems)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
