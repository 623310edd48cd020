package io.github.multiprom.exposition.page;

import io.github.multiprom.internal.os.ProcessIdentity;
import io.github.multiprom.merge.DirectoryOverview;
import io.github.multiprom.merge.FamilyStatus;
import io.github.multiprom.merge.WorkerStatus;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.SkippedFile;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The page of a directory: what is in it, by one read, in HTML without a script. Thread-safe.
 *
 * <p>It is never longer than {@link #MAX_BYTES}: tables end when their share is used, and say how
 * many rows are missing. End tags that HTML does not need are left out. Names of workers, hosts and
 * files are of whoever may write in the directory, and are shown as text.
 */
public final class StatusPage {
  /** The longest page, in bytes. */
  public static final int MAX_BYTES = 100_000;

  private static final int MAX_WORKERS = 200;
  private static final int MAX_FAMILIES = 50;
  // At which length of the page these tables end.
  private static final int WORKERS_END = 70_000;
  private static final int FAMILIES_END = 85_000;
  private static final int SKIPPED_END = 96_000;
  private static final int MAX_NAME_LENGTH = 130;
  private static final int MAX_WHY_LENGTH = 300;
  private static final int USUAL_REFRESH_SECONDS = 5;
  private static final double MS_PER_SECOND = 1e3;
  private static final int BYTES_PER_MEBIBYTE = 1 << 20;

  private final DirectoryOverview overview;
  private final PageView view;
  private final ProcessIdentity server;
  private final String address;
  private final Html html = new Html();

  private StatusPage(DirectoryOverview overview, PageView view, String address) {
    this.overview = overview;
    this.view = view;
    this.address = address;
    server = ProcessIdentity.current();
  }

  /**
   * The page, in UTF-8.
   *
   * @param address where this process serves it
   */
  public static byte[] of(DirectoryOverview overview, PageView view, String address) {
    StatusPage page = new StatusPage(overview, view, address);
    page.write();
    return page.html.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The headers that go with it. */
  public static Map<String, String> headers(PageView view) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", "text/html; charset=utf-8");
    headers.put("Content-Security-Policy", Style.POLICY);
    headers.put("Cache-Control", "no-store");
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Referrer-Policy", "no-referrer");
    if (view.refreshSeconds() != 0) {
      headers.put("Refresh", Integer.toString(view.refreshSeconds()));
    }
    return headers;
  }

  private void write() {
    html.tag("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n")
        .tag("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n")
        .tag("<link rel=\"icon\" href=\"data:,\">\n<title>Multiprom ")
        .text(directory())
        .tag("</title>\n<style>" + Style.SHEET + "</style></head>\n<body><main>\n<h1>Multiprom ")
        .name(directory(), MAX_WHY_LENGTH)
        .tag("</h1>\n");
    writeServer();
    writeNumbers();
    writeWorkers();
    writeFamilies();
    writeSkipped();
    writeTotals();
    html.tag("</main></body></html>\n");
  }

  private String directory() {
    return overview.directory() == null ? "" : overview.directory().toString();
  }

  private void writeServer() {
    html.tag("<p>Served by process " + server.pid() + " of host ")
        .name(server.host(), MAX_NAME_LENGTH)
        .tag(" at ")
        .name(address, MAX_NAME_LENGTH)
        .tag(", read at ");
    writeTime(Instant.now());
    html.tag(".</p>\n<nav aria-label=\"Pages\"><a href=\"/metrics\">Metrics</a> · ")
        .tag("<a href=\"/-/targets\">Targets</a> · ");
    boolean refreshes = view.refreshSeconds() != 0;
    html.tag("<a", "href", view.every(refreshes ? 0 : USUAL_REFRESH_SECONDS).link())
        .tag(
            refreshes
                ? "Stop refreshing</a> (every " + view.refreshSeconds() + " s)"
                : "Refresh every " + USUAL_REFRESH_SECONDS + " s</a>")
        .tag("</nav>\n");
  }

  private void writeTime(Instant time) {
    html.tag("<time>" + time.truncatedTo(ChronoUnit.SECONDS) + "</time>");
  }

  private void writeNumbers() {
    html.tag("<h2 id=\"now\">Now</h2>\n<dl>\n");
    writeNumber("live", "Workers live", overview.workerCount(true), false);
    writeNumber("dead", "Workers dead", overview.workerCount(false), false);
    writeNumber("series", "Series", overview.seriesCount(), false);
    writeNumber("families", "Families", overview.families().size(), false);
    long conflicts =
        overview.families().stream().mapToLong(family -> family.conflicts().size()).sum();
    writeNumber("conflicts", "Conflicts", conflicts, true);
    long skipped = overview.skipped().values().stream().mapToLong(Integer::longValue).sum();
    writeNumber("skipped", "Files skipped", skipped, true);
    writeNumber(
        "overflowed",
        "Overflowed lookups",
        (long) overview.sum("multiprom_series_overflowed"),
        true);
    writeNumber("errors", "Store errors", (long) overview.sum("multiprom_store_errors"), true);
    writeNumber("dropped", "Numbers dropped", (long) overview.sum("multiprom_dropped"), true);
    writeNumber("retired", "Workers retired", (long) overview.totals().workers(), false);
    writeNumber("bytes", "Bytes of files", overview.bytes(), false);
    writeCell("merge", "Merge", oneDigit(MS_PER_SECOND * overview.mergeSeconds()) + " ms", false);
    writeCell("free", "Free space", freeSpace(), false);
    html.tag("</dl>\n");
  }

  private void writeNumber(String id, String title, long value, boolean isBad) {
    writeCell(id, title, Long.toString(value), isBad && value > 0);
  }

  private void writeCell(String id, String title, String value, boolean isBad) {
    html.tag("<div><dt>" + title + "</dt><dd id=\"" + id + "\"" + (isBad ? " class=\"bad\"" : ""))
        .tag(">")
        .text(value)
        .tag("</dd></div>\n");
  }

  private static String oneDigit(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private String freeSpace() {
    try {
      long free = Files.getFileStore(overview.directory()).getUsableSpace();
      return free / BYTES_PER_MEBIBYTE + " MiB";
    } catch (IOException | RuntimeException e) {
      return "unknown";
    }
  }

  private void beginTable(String id, String title) {
    html.tag("<h2 id=\"" + id + "\">" + title + "</h2>\n")
        .tag("<div class=\"table\" role=\"region\" aria-labelledby=\"" + id)
        .tag("\" tabindex=\"0\"><table><thead><tr>");
  }

  private void endTable(int missing, String what) {
    html.tag("</tbody></table></div>\n");
    if (missing > 0) {
      html.tag("<p>" + missing + " more " + what + " are not shown.</p>\n");
    }
  }

  private void writeHeading(String title, boolean number) {
    html.tag("<th scope=\"col\"" + (number ? " class=\"n\"" : "") + ">" + title);
  }

  private void writeHeading(
      String title, boolean number, boolean isSorted, boolean descending, PageView sorted) {
    String sort =
        isSorted ? " aria-sort=\"" + (descending ? "descending" : "ascending") + "\"" : "";
    html.tag("<th scope=\"col\"" + (number ? " class=\"n\"" : "") + sort + ">")
        .tag("<a", "href", sorted.link())
        .tag(title + "</a>");
  }

  private void writeWorkers() {
    beginTable("worker-table", "Workers");
    for (WorkerOrder column : WorkerOrder.values()) {
      writeHeading(
          column.heading(),
          column.isNumber(),
          column == view.workers(),
          column.isDescending(),
          view.by(column));
    }
    html.tag("</thead>\n<tbody>\n");
    List<WorkerStatus> sorted = overview.workers().stream().sorted(view.workers().order()).toList();
    int shown = 0;
    while (shown < sorted.size() && shown < MAX_WORKERS && html.bytes() < WORKERS_END) {
      writeWorker(sorted.get(shown++));
    }
    endTable(sorted.size() - shown, "workers");
  }

  private void writeWorker(WorkerStatus worker) {
    html.tag("<tr><th scope=\"row\">")
        .tag("<a href=\"/metrics?worker=" + worker.info().incarnation() + "\">")
        .name(worker.name(), MAX_NAME_LENGTH)
        .tag("</a><td class=\"n\">" + worker.info().pid() + "<td>")
        .name(worker.info().host(), MAX_NAME_LENGTH)
        .tag("<td class=\"" + (worker.live() ? "good\">live" : "bad\">dead"))
        .tag(server.is(worker.info()) ? ", serves this page" : "")
        .tag("<td>");
    writeTime(
        Instant.ofEpochMilli(worker.info().createdNanos() / EpochClock.NANOS_PER_MILLISECOND));
    writeNumber(worker.seriesCount());
    writeNumber(worker.laneCount());
    writeNumber(worker.bytes());
    html.tag("<td class=\"n\">" + (worker.port() == 0 ? "" : worker.port()) + "\n");
  }

  private void writeNumber(long number) {
    html.tag("<td class=\"n\">" + number);
  }

  private void writeFamilies() {
    beginTable("family-table", "Families");
    for (FamilyOrder column : FamilyOrder.values()) {
      writeHeading(
          column.heading(),
          column.isNumber(),
          column == view.families(),
          column.isDescending(),
          view.by(column));
    }
    html.tag("</thead>\n<tbody>\n");
    List<FamilyStatus> sorted =
        overview.families().stream().sorted(view.families().order()).toList();
    int shown = 0;
    while (shown < sorted.size() && shown < MAX_FAMILIES && html.bytes() < FAMILIES_END) {
      writeFamily(sorted.get(shown++));
    }
    endTable(sorted.size() - shown, "families");
  }

  private void writeFamily(FamilyStatus family) {
    String name = family.descriptor().name();
    html.tag("<tr><th scope=\"row\">")
        .tag("<a", "href", "/metrics?name%5B%5D=" + URLEncoder.encode(name, StandardCharsets.UTF_8))
        .name(name, MAX_WHY_LENGTH)
        .tag("</a><td>" + type(family.descriptor()));
    writeNumber(family.seriesCount());
    writeNumber(family.workerCount());
    String conflicts = String.join(", ", family.conflicts());
    html.tag(conflicts.isEmpty() ? "<td>\n" : "<td class=\"bad\">" + conflicts + "\n");
  }

  private static String type(FamilyDescriptor family) {
    String type = family.type().name().toLowerCase(Locale.ROOT);
    boolean hasMode = family.type() == MetricType.GAUGE || family.type() == MetricType.STATESET;
    return hasMode ? type + ", " + (family.liveOnly() ? "LIVE" : "") + family.fold() : type;
  }

  private void writeSkipped() {
    if (overview.skipped().isEmpty()) {
      return;
    }
    beginTable("skipped-table", "Skipped files");
    writeHeading("File", false);
    writeHeading("Reason", false);
    writeHeading("Why", false);
    html.tag("</thead>\n<tbody>\n");
    int shown = 0;
    for (SkippedFile file : overview.skippedFiles()) {
      if (html.bytes() < SKIPPED_END) {
        shown++;
        html.tag("<tr><th scope=\"row\">")
            .name(file.name(), MAX_WHY_LENGTH)
            .tag("<td>")
            .text(file.reason())
            .tag("<td class=\"wrap\">")
            .name(file.why(), MAX_WHY_LENGTH)
            .tag("\n");
      }
    }
    int all = overview.skipped().values().stream().mapToInt(Integer::intValue).sum();
    endTable(all - shown, "files");
  }

  private void writeTotals() {
    DirectoryOverview.Totals totals = overview.totals();
    html.tag("<h2 id=\"totals\">Totals of retired workers</h2>\n<p>")
        .text(
            totals.bytes() == 0
                ? "None."
                : String.format(
                    Locale.ROOT,
                    "%.0f workers, %d series, %d bytes.",
                    totals.workers(),
                    totals.seriesCount(),
                    totals.bytes()))
        .tag("</p>\n");
  }
}
