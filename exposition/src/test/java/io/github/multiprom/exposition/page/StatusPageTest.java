package io.github.multiprom.exposition.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.merge.DirectoryOverview;
import io.github.multiprom.merge.FamilyStatus;
import io.github.multiprom.merge.WorkerStatus;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.SkippedFile;
import io.github.multiprom.model.WorkerInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusPageTest {
  private static final PageView USUAL = PageView.of(null, null, null);

  private final List<WorkerStatus> workers = new ArrayList<>();
  private final List<FamilyStatus> families = new ArrayList<>();
  private final List<SkippedFile> skipped = new ArrayList<>();

  private void worker(String name, boolean live, int series) {
    Incarnation incarnation = new Incarnation(1, workers.size());
    WorkerInfo info =
        new WorkerInfo(
            incarnation, name, "host-" + name, 100, 1, 1, new Incarnation(0, 0), 1_000_000, 10);
    workers.add(new WorkerStatus(info, name, live, live ? 0 : 5, series, 2, 4096, 0));
  }

  private void family(String name, int series, String... conflicts) {
    FamilyDescriptor descriptor =
        new FamilyDescriptor(
            name, MetricType.GAUGE, "Help.", "", List.of(), GaugeFold.SUM, true, List.of());
    families.add(new FamilyStatus(descriptor, series, 1, List.of(conflicts)));
  }

  private String page(PageView view) {
    DirectoryOverview overview =
        new DirectoryOverview(
            Path.of("/tmp"),
            workers,
            families,
            skipped.isEmpty() ? Map.of() : Map.of("foreign", skipped.size()),
            skipped,
            4096L * workers.size(),
            new DirectoryOverview.Totals(3, 4, 32768),
            Map.of("multiprom_store_errors", 7.0),
            0.0012);
    byte[] page = StatusPage.of(overview, view, "127.0.0.1:9464");
    assertTrue(page.length <= StatusPage.MAX_BYTES, page.length + " bytes");
    return new String(page, StandardCharsets.UTF_8);
  }

  /** The texts in front of the rows of all tables. */
  private static List<String> rows(String page) {
    List<String> rows = new ArrayList<>();
    Matcher row = Pattern.compile("<th scope=\"row\".*?<bdi>(.*?)</bdi>").matcher(page);
    while (row.find()) {
      rows.add(row.group(1));
    }
    return rows;
  }

  private static String number(String page, String id) {
    Matcher number = Pattern.compile("<dd id=\"" + id + "\"[^>]*>([^<]*)</dd>").matcher(page);
    assertTrue(number.find(), id);
    return number.group(1);
  }

  @Test
  void tellsWhatThereIs() {
    worker("b", true, 1);
    worker("a", false, 9);
    family("f_one", 3);
    family("f_two", 5, "help", "mode");
    skipped.add(new SkippedFile("x.txt", "foreign", "not a file of Multiprom"));
    String page = page(USUAL);
    assertEquals("1", number(page, "live"));
    assertEquals("1", number(page, "dead"));
    assertEquals("8", number(page, "series"));
    assertEquals("2", number(page, "families"));
    assertEquals("2", number(page, "conflicts"));
    assertEquals("1", number(page, "skipped"));
    assertEquals("7", number(page, "errors"));
    assertEquals("3", number(page, "retired"));
    assertEquals("8192", number(page, "bytes"));
    assertEquals("1.2 ms", number(page, "merge"));
    assertEquals(List.of("b", "a", "f_two", "f_one", "x.txt"), rows(page));
    assertTrue(page.contains("<td>gauge, LIVESUM<"), page);
    assertTrue(page.contains("<td class=\"bad\">help, mode"), page);
    assertTrue(page.contains("3 workers, 4 series, 32768 bytes."), page);
    assertFalse(page.contains("<script"), page);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|b a",
        "name|a b",
        "state|b a",
        "series|a b",
        "bytes|a b",
        "since|a b",
        "host|a b",
        "port|a b"
      })
  void sortsWorkers(String by, String order) {
    worker("b", true, 1);
    worker("a", false, 9);
    String page = page(PageView.of(by, null, null));
    assertEquals(List.of(order.split(" ")), rows(page));
    String column = by == null ? "state" : by;
    Matcher sorted =
        Pattern.compile("aria-sort=\"(?:de|a)scending\"><a href=\"([^\"]*)\"").matcher(page);
    assertTrue(sorted.find());
    assertEquals(column.equals("state") ? "/" : "/?sort=" + column, sorted.group(1));
  }

  @Test
  void keepsWhatWasChosenInItsLinks() {
    worker("b", true, 1);
    String page = page(PageView.of("name", "type", "7"));
    assertTrue(page.contains("href=\"/?sort=bytes&amp;families=type&amp;refresh=7\""), page);
    assertTrue(page.contains("href=\"/?sort=name&amp;families=type\">Stop refreshing"), page);
    assertEquals("7", StatusPage.headers(PageView.of(null, null, "7")).get("Refresh"));
    assertFalse(StatusPage.headers(USUAL).containsKey("Refresh"));
    for (String wrong : List.of("0", "3601", "-1", "x", "", "99999999999")) {
      assertThrows(IllegalArgumentException.class, () -> PageView.of(null, null, wrong));
    }
    assertThrows(IllegalArgumentException.class, () -> PageView.of("x", null, null));
    assertThrows(IllegalArgumentException.class, () -> PageView.of(null, "x", null));
  }

  @Test
  void showsTheFirstOfManyWorkers() {
    for (int i = 0; i < 1_000; i++) {
      worker("worker-" + i, true, 1);
    }
    for (int i = 0; i < 500; i++) {
      family("http_server_request_duration_seconds_" + i, i);
    }
    String page = page(USUAL);
    assertEquals(200 + 50, rows(page).size());
    assertTrue(page.contains("<p>800 more workers are not shown.</p>"), page);
    assertTrue(page.contains("<p>450 more families are not shown.</p>"), page);
    assertEquals("1000", number(page, "live"));
  }

  @Test
  void isBoundedWhateverNamesSay() {
    for (String part : List.of("\"", "é", "\u4e2d", "\ud83d\ude00", "\ud83d", "<b>")) {
      workers.clear();
      families.clear();
      skipped.clear();
      for (int i = 0; i < 1_000; i++) {
        worker(part.repeat(600), true, 1);
        skipped.add(new SkippedFile(part.repeat(600), "foreign", part.repeat(5_000)));
        family("f".repeat(3_000) + i, 1);
      }
      String page = page(USUAL);
      assertTrue(page.endsWith("</main></body></html>\n"), page);
      assertFalse(page.contains("<b>"), page);
    }
  }

  @Test
  void showsNamesAsText() {
    worker("<script>alert(1)</script>", true, 1);
    worker("\"onmouseover='x'", true, 1);
    worker("\u202Etxt.exe\u0000\u0085\n", true, 1);
    String page = page(PageView.of("pid", null, null));
    assertEquals(
        List.of(
            "&quot;onmouseover=&#39;x&#39;",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "\u202Etxt.exe\uFFFD\uFFFD\uFFFD"),
        rows(page));
  }
}
