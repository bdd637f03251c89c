// Misbehaving servers: cut transfers, wrong sizes, silence. The result is reported correctly, and no partial
// file stays.
#include "files_fixture.hpp"
#include "support/eventually.hpp"

#include <algorithm>

namespace bambu2mqtt::files_test {

namespace {

using test_support::Cut;
using test_support::eventually;

[[nodiscard]] std::string many_bytes(std::size_t count = 1'000'000) {
    std::string bytes(count, '\0');
    for (std::size_t i = 0; i < count; ++i) {
        bytes[i] = static_cast<char>(i * 31 >> 4);
    }
    return bytes;
}

[[nodiscard]] std::size_t count_of(const OddFtps& server, std::string_view verb) {
    const auto commands = server.commands();
    return static_cast<std::size_t>(std::count_if(
        commands.begin(), commands.end(), [&](const std::string& line) { return line.starts_with(verb); }));
}

} // namespace

TEST_CASE("an upload that is cut off fails, and its partial file is removed") {
    OddPrinter printer;
    printer.server.put("/x.3mf", "the older one");
    for (const Cut cut : {Cut::politely, Cut::rudely}) {
        printer.server.behave({.cut_after = 200'000, .cut = cut});
        const auto end = printer.run(UploadFile{printer.local_file("x", many_bytes()), "/x.3mf"});
        INFO(end.message);
        CHECK(ending(end) == "failed");
        CHECK(contains(end.message, "200000 of 1000000 bytes have arrived"));
        CHECK(contains(end.message, "the partial file is removed"));
        CHECK(printer.server.paths() == std::vector<std::string>{"/x.3mf"});
        CHECK(printer.server.file("/x.3mf") == "the older one");
    }
}

TEST_CASE("a partial file that cannot be removed is named") {
    OddPrinter printer;
    printer.server.behave({.cut_after = 200'000, .refusals = {{"DELE", "550 No."}}});
    const auto end = printer.run(UploadFile{printer.local_file("x", many_bytes()), "/f/x.3mf"});
    CHECK(ending(end) == "failed");
    CHECK(contains(end.message, "'/f/bambu2mqtt-upload.part' is left behind"));
}

TEST_CASE("an upload whose size differs fails, whatever the server confirmed") {
    OddPrinter printer;
    for (const std::int64_t off_by : {-1, 1}) {
        printer.server.behave({.size_off_by = off_by});
        const auto end = printer.run(UploadFile{InlineSource{"12345"}, "/x.3mf"});
        CHECK(ending(end) == "failed");
        CHECK(contains(end.message, std::to_string(5 + off_by) + " of 5 bytes have arrived"));
        CHECK(printer.server.paths().empty());
    }
}

TEST_CASE("no confirmation, a late one, or 426: the size decides") {
    OddPrinter printer;
    printer.limits.ftps.answer = 1s;
    for (const char* const words : {"", "426 Connection closed; transfer aborted.", "451 Local error."}) {
        INFO(words);
        printer.server.behave({.after_upload = words});
        CHECK(ending(printer.run(UploadFile{InlineSource{"12345"}, "/x.3mf"})) == "done");
        CHECK(printer.server.paths() == std::vector<std::string>{"/x.3mf"});
    }
    printer.server.behave({.answer_after = 700ms});
    CHECK(ending(printer.run(UploadFile{InlineSource{"12345"}, "/y.3mf"})) == "done");
    printer.server.behave({.size_off_by = -2, .after_upload = ""});
    const auto end = printer.run(UploadFile{InlineSource{"12345"}, "/z.3mf"});
    CHECK(ending(end) == "failed");
    CHECK(contains(end.message, "3 of 5 bytes"));
    CHECK_FALSE(printer.server.file("/z.3mf").has_value());
}

TEST_CASE("replies that mean full or missing storage are reported as such") {
    OddPrinter printer;
    printer.server.behave({.refusals = {{"STOR", "552 Requested file action aborted."}}});
    const auto full = printer.run(UploadFile{InlineSource{"x"}, "/x"});
    CHECK(ending(full) == "failed");
    CHECK(contains(full.message, "the printer's storage is full (552"));
    printer.server.behave({.refusals = {{"STOR", "452 Insufficient storage space."}}});
    CHECK(contains(printer.run(UploadFile{InlineSource{"x"}, "/x"}).message, "storage is full (452"));
    printer.server.behave({.size_off_by = -1, .after_upload = "552 Storage exceeded."});
    const auto late = printer.run(UploadFile{InlineSource{"12345"}, "/x"});
    CHECK(ending(late) == "failed");
    CHECK(contains(late.message, "storage is full"));
    printer.server.behave({.refusals = {{"STOR", "553 Could not create file."}}});
    const auto missing = printer.run(UploadFile{InlineSource{"x"}, "/x"});
    CHECK(ending(missing) == "refused printer_refused");
    CHECK(contains(missing.message, "is a card or stick inserted"));
    printer.server.behave({.refusals = {{"STOR", "550 Permission denied."}}});
    CHECK(contains(printer.run(UploadFile{InlineSource{"x"}, "/x"}).message, "550 Permission denied."));
    CHECK(printer.server.paths().empty());
}

TEST_CASE("files are not transferred over an unencrypted data connection") {
    OddPrinter printer;
    printer.server.put("/x.3mf", "content");
    printer.server.behave({.refusals = {{"PROT", "534 No."}}});
    CHECK(ending(printer.run(UploadFile{InlineSource{"12345"}, "/y.3mf"})) != "done");
    CHECK(printer.server.paths() == std::vector<std::string>{"/x.3mf"});
    CHECK(ending(printer.run(DownloadFile{"/x.3mf", std::nullopt})) != "done");
    CHECK(count_of(printer.server, "PROT") > 0);
    CHECK(count_of(printer.server, "STOR") == 0);
    CHECK(count_of(printer.server, "RETR") == 0);
}

TEST_CASE("where the printer cannot rename, files are uploaded directly to their name from then on") {
    OddPrinter printer;
    printer.server.behave({.refusals = {{"RNFR", "502 Not implemented."}}});
    CHECK(ending(printer.run(UploadFile{InlineSource{"one"}, "/x"})) == "done");
    CHECK(count_of(printer.server, "STOR") == 2);
    CHECK(printer.server.paths() == std::vector<std::string>{"/x"});
    CHECK(ending(printer.run(UploadFile{InlineSource{"two"}, "/y"})) == "done");
    CHECK(count_of(printer.server, "STOR") == 3);

    // An upload that is cut off now was overwriting the older file: it is removed and reported.
    printer.server.behave({.cut_after = 2, .refusals = {{"RNFR", "502 Not implemented."}}});
    const auto cut = printer.run(UploadFile{InlineSource{"three"}, "/y"});
    CHECK(ending(cut) == "failed");
    CHECK(contains(cut.message, "the older file of that name is lost"));
    CHECK(printer.server.paths() == std::vector<std::string>{"/x"});

    // Finding out why touches no file of the user's.
    printer.server.put("/y2", "mine");
    printer.server.behave(
        {.cut_after = 2, .cut = Cut::rudely, .refusals = {{"RNFR", "502 Not implemented."}}});
    CHECK(ending(printer.run(UploadFile{InlineSource{"three"}, "/y"})) == "failed");
    CHECK(printer.server.file("/y2") == "mine");

    // An upload refused before anything was sent is not.
    printer.server.behave({.refusals = {{"STOR", "550 No."}}});
    CHECK(contains(printer.run(UploadFile{InlineSource{"three"}, "/x"}).message, "nothing was sent"));
    CHECK(printer.server.file("/x") == "one");
}

TEST_CASE("where a rename does not replace a file, the older one is removed first") {
    OddPrinter printer;
    printer.server.put("/x", "old");
    printer.server.behave({.keeps_existing = true});
    CHECK(ending(printer.run(UploadFile{InlineSource{"new"}, "/x"})) == "done");
    CHECK(printer.server.file("/x") == "new");
    CHECK(count_of(printer.server, "STOR") == 1);
}

TEST_CASE("the size is taken from a listing when the server has no SIZE") {
    OddPrinter printer;
    printer.server.put("/f/x y.3mf", "12345");
    printer.server.put_folder("/f");
    printer.server.behave({.refusals = {{"SIZE", "500 Unknown command."}}});
    CHECK(printer.run(FileExists{"/f/x y.3mf"}).data["size"] == 5);
    CHECK(printer.run(FileExists{"/f/missing"}).data["exists"] == false);
    CHECK(printer.run(FileExists{"/f"}).data["folder"] == true);
    CHECK(ending(printer.run(UploadFile{InlineSource{"new"}, "/f/new"})) == "done");
    CHECK(ending(printer.run(DownloadFile{"/f/new", "new"})) == "done");
    printer.server.behave({.refusals = {{"SIZE", "500 Unknown command."}}, .cut_list_after = 70});
    CHECK(printer.run(FileExists{"/f/z"}).data["exists"].is_null());
    printer.server.behave({.refusals = {{"SIZE", "450 Busy."}}});
    CHECK(printer.run(FileExists{"/f/new"}).data["exists"].is_null());
}

TEST_CASE("a download that is cut off, or whose size is wrong, is not kept") {
    OddPrinter printer;
    printer.server.put("/x", many_bytes());
    for (const Cut cut : {Cut::politely, Cut::rudely}) {
        printer.server.behave({.cut_after = 300'000, .cut = cut});
        const auto end = printer.run(DownloadFile{"/x", "x"});
        INFO(end.message);
        CHECK(ending(end) == "failed");
        CHECK(contains(end.message, "of 1000000 bytes have arrived, nothing is kept"));
    }
    printer.server.behave({.size_off_by = -10});
    const auto longer = printer.run(DownloadFile{"/x", "x"});
    CHECK(ending(longer) == "failed");
    CHECK(contains(longer.message, "sent more than"));
    printer.server.behave({.size_off_by = 10});
    CHECK(ending(printer.run(DownloadFile{"/x", "x"})) == "failed");
    CHECK(ending(printer.run(DownloadFile{"/x", std::nullopt})) == "failed");
    CHECK(printer.local_names().empty());
    printer.server.behave({});
    CHECK(ending(printer.run(DownloadFile{"/x", "x"})) == "done");
    CHECK(printer.local_names() == std::vector<std::string>{"x"});
}

TEST_CASE("a listing cut off within a row is marked incomplete; a broken one is unreadable") {
    OddPrinter printer;
    for (int i = 0; i < 9; ++i) {
        printer.server.put("/file " + std::to_string(i), "x");
    }
    printer.server.behave({.cut_list_after = 100});
    const auto tree = printer.run(ListFiles{}).data;
    CHECK(tree["incomplete"] == OrderedJson{"/"});
    CHECK(tree["children"].size() < 9);
    printer.server.behave({.refusals = {{"LIST", "550 Permission denied."}}});
    CHECK(ending(printer.run(ListFiles{})) == "refused printer_refused");
}

TEST_CASE("attack: a listing that is too long is cut, and reported as truncated") {
    OddPrinter printer;
    for (int i = 0; i < 12'000; ++i) {
        auto name = std::to_string(i);
        name.resize(200, 'n');
        printer.server.put("/" + name, "x");
    }
    const auto tree = printer.run(ListFiles{}).data;
    CHECK(tree["truncated"] == true);
    CHECK(tree["children"].size() > 1000);
    CHECK(tree.dump().size() < 2'300'000);
}

TEST_CASE("a different address in the PASV reply is ignored") {
    OddPrinter printer;
    printer.server.put("/x", "12345");
    printer.server.behave({.foreign_pasv = true});
    CHECK(ending(printer.run(DownloadFile{"/x", "x"})) == "done");
    CHECK(count_of(printer.server, "PASV") > 0);
}

TEST_CASE("an idle data connection times out, and the link remains usable") {
    OddPrinter printer;
    printer.limits.ftps.connect = 1s;
    printer.server.put("/x", "12345");
    printer.server.behave({.silent_data = true});
    const auto begun = std::chrono::steady_clock::now();
    CHECK(ending(printer.run(DownloadFile{"/x", "x"})) == "failed");
    CHECK(std::chrono::steady_clock::now() - begun < timeout_factor * 10s);
    CHECK(printer.local_names().empty());
}

TEST_CASE("too many connections and other temporary refusals are reported as such") {
    OddPrinter printer;
    printer.server.behave({.refusals = {{"USER", "421 Too many clients."}}});
    const auto end = printer.run(ListFiles{});
    CHECK(ending(end) == "refused busy");
    CHECK(contains(end.message, "421 Too many clients."));
}

} // namespace bambu2mqtt::files_test
