package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.WorkerStatus;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.NoAlertPresentException;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** The page of a directory in a real Chromium. */
@Tag("field")
class StatusPageBrowserIT {
  private static final String CHROMIUM = "/usr/bin/chromium";
  private static final String DRIVER = "/usr/bin/chromedriver";

  private static final List<String> HOSTILE =
      List.of(
          "<script>alert(1)</script>",
          "\"><img src=x onerror=alert(1)>",
          "';alert(1);//&lt;",
          "\u202Egnp.exe",
          "x".repeat(1000));

  /** For a machine with other load. */
  private static final Duration LONG = Duration.ofMinutes(2);

  private static final Pattern REQUEST =
      Pattern.compile("\"Network.requestWillBeSent\".*\"url\":\"([a-z-]+:[^\"]*)\"");

  @TempDir Path temporary;

  private final List<Worker> workers = new ArrayList<>();
  private Path metrics;
  private MultiprocessCollector collector;
  private MetricsServer server;
  private ChromeDriver browser;

  @BeforeEach
  void start() throws Exception {
    Peers.requireChromium();
    metrics = temporary.resolve("metrics");
    Counter gone = counter(worker("gone"), "jobs", "kind");
    gone.labels("retired").inc(100);
    workers.remove(0).close();
    try (MultiprocessCollector retiring = new MultiprocessCollector(metrics)) {
      retiring.collect();
    }
    for (String name : HOSTILE) {
      Worker worker = worker(name);
      counter(worker, "jobs", "kind").labels("a").inc(3);
      Gauge.build("level", "Level of " + workers.size() + ".")
          .mode(GaugeMode.LIVESUM)
          .worker(worker)
          .register(new CollectorRegistry())
          .set(1);
    }
    counter(worker("other"), "jobs", "kind", "code").labels("a", "200").inc();
    Files.createFile(metrics.resolve("<b>foreign"));
    collector = new MultiprocessCollector(metrics);
    server = MetricsServer.start(collector, "127.0.0.1", 0);
    browser = browser(Map.of());
  }

  private Worker worker(String name) {
    Worker worker = Worker.builder().directory(metrics).name(name).open();
    workers.add(worker);
    return worker;
  }

  private static Counter counter(Worker worker, String name, String... labels) {
    return Counter.build(name, "Help.")
        .labelNames(labels)
        .worker(worker)
        .register(new CollectorRegistry());
  }

  private ChromeDriver browser(Map<String, Object> preferences) {
    ChromeOptions options = new ChromeOptions();
    options.setBinary(CHROMIUM);
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--window-size=1200,900");
    options.setExperimentalOption("prefs", preferences);
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.PERFORMANCE, java.util.logging.Level.ALL);
    logs.enable(LogType.BROWSER, java.util.logging.Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(Path.of(DRIVER).toFile())
            .usingAnyFreePort()
            .withTimeout(LONG)
            .build();
    ChromeDriver started = new ChromeDriver(service, options);
    started.manage().timeouts().scriptTimeout(LONG);
    return started;
  }

  @AfterEach
  void end() throws IOException {
    if (browser != null) {
      browser.quit();
    }
    if (server != null) {
      server.close();
      collector.close();
    }
    workers.forEach(Worker::close);
    DeletedDirectory.delete(metrics);
  }

  /** A click has the browser load another page, some time. */
  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + LONG.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, what);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  private String base() {
    return "http://127.0.0.1:" + server.port();
  }

  private String scrape() throws IOException {
    try (InputStream in = URI.create(base() + "/metrics").toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static long sum(String text, String name) {
    return text.lines()
        .filter(line -> line.matches(Pattern.quote(name) + "[ {].*"))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private long number(String id) {
    return Long.parseLong(browser.findElement(By.id(id)).getText());
  }

  /** The rows of a table, by the text that each begins with. */
  private Map<String, WebElement> rows(String heading) {
    Map<String, WebElement> rows = new HashMap<>();
    String path = "[aria-labelledby=" + heading + "] tbody tr";
    for (WebElement row : browser.findElements(By.cssSelector(path))) {
      rows.put(row.findElement(By.tagName("bdi")).getText(), row);
    }
    return rows;
  }

  private static String cell(WebElement row, int column) {
    return row.findElements(By.tagName("td")).get(column - 1).getText();
  }

  @Test
  void showsTheNumbersOfAScrape() throws Exception {
    browser.get(base() + "/");
    String text = scrape();
    assertEquals(sum(text, "multiprom_workers"), number("live") + number("dead"));
    assertEquals(HOSTILE.size() + 1, number("live"));
    assertEquals(sum(text, "multiprom_series"), number("series"));
    assertEquals(sum(text, "multiprom_conflicts"), number("conflicts"));
    assertEquals(sum(text, "multiprom_files_skipped"), number("skipped"));
    assertEquals(sum(text, "multiprom_store_bytes"), number("bytes"));
    assertEquals(sum(text, "multiprom_retired_workers_total"), number("retired"));
    Map<String, WebElement> families = rows("family-table");
    assertEquals(families.size(), number("families"));
    for (String family : List.of("jobs", "level")) {
      long lines = text.lines().filter(l -> l.matches(family + "(_total)?[ {].*")).count();
      assertEquals(lines, Long.parseLong(cell(families.get(family), 2)), family);
    }
    assertEquals("labels", cell(families.get("jobs"), 4));
    assertEquals("gauge, LIVESUM", cell(families.get("level"), 1));
    assertEquals("help", cell(families.get("level"), 4));
    assertEquals("foreign", cell(rows("skipped-table").get("<b>foreign"), 1));

    browser.findElement(By.linkText("Metrics")).click();
    await("the metrics", () -> browser.getPageSource().contains("jobs_total"));
  }

  @Test
  void showsHostileNamesAsText() throws Exception {
    browser.get(base() + "/");
    Map<String, WebElement> rows = rows("worker-table");
    for (WorkerStatus worker : collector.workers()) {
      WebElement row = rows.get(worker.name());
      assertTrue(row != null, worker.name() + " is not in " + rows.keySet());
      assertEquals(Long.toString(worker.bytes()), cell(row, 7));
    }
    assertEquals(HOSTILE.size() + 1, rows.size());
    assertEquals(0, browser.findElements(By.cssSelector("script, img, main b")).size());
    assertThrows(NoAlertPresentException.class, () -> browser.switchTo().alert());
    String first = collector.workers().get(0).name();
    rows.get(first).findElement(By.tagName("a")).click();
    await(first, () -> browser.getPageSource().contains("jobs_total"));
    assertFalse(browser.getPageSource().contains("multiprom_workers"), first);
  }

  @Test
  void loadsNothingFromElsewhereAndComplainsOfNothing() {
    browser.get(base() + "/?refresh=3600");
    browser.findElement(By.linkText("Bytes")).click();
    await("the order", () -> browser.getCurrentUrl().contains("sort=bytes&refresh=3600"));
    Set<String> urls = new LinkedHashSet<>();
    browser
        .manage()
        .logs()
        .get(LogType.PERFORMANCE)
        .forEach(
            entry -> {
              Matcher request = REQUEST.matcher(entry.getMessage());
              if (request.find()) {
                urls.add(request.group(1));
              }
            });
    assertTrue(urls.size() >= 2, urls.toString());
    for (String url : urls) {
      assertTrue(url.startsWith(base() + "/") || url.startsWith("data:"), urls.toString());
    }
    assertEquals(List.of(), browser.manage().logs().get(LogType.BROWSER).getAll());
  }

  @Test
  void isAccessibleInBothSchemesAndOnAPhone() throws Exception {
    for (String scheme : List.of("light", "dark")) {
      for (int width : new int[] {1200, 390}) {
        browser.executeCdpCommand(
            "Emulation.setEmulatedMedia",
            Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        browser.executeCdpCommand(
            "Emulation.setDeviceMetricsOverride",
            Map.of("width", width, "height", 800, "deviceScaleFactor", 1, "mobile", width < 600));
        browser.get(base() + "/");
        Object wide = browser.executeScript("return document.documentElement.scrollWidth");
        assertTrue(((Number) wide).intValue() <= width, width + " scrolls: " + wide);
        Object dark =
            browser.executeScript(
                "return getComputedStyle(document.body).backgroundColor != 'rgb(255, 255, 255)'");
        assertEquals(scheme.equals("dark"), dark);
        assertEquals("[]", violations(), scheme + " " + width);
      }
    }
  }

  /** What axe finds, as JSON. */
  private String violations() throws IOException {
    try (InputStream axe = getClass().getResourceAsStream("/axe.min.js")) {
      browser.executeScript(new String(axe.readAllBytes(), StandardCharsets.UTF_8));
    }
    return (String)
        browser.executeAsyncScript(
            """
            const done = arguments[arguments.length - 1];
            axe.run().then(
                result => done(JSON.stringify(result.violations, null, 1)),
                failure => done(String(failure)));
            """);
  }

  @Test
  void isReachedByKeyboard() {
    browser.get(base() + "/");
    int stops = browser.findElements(By.cssSelector("a, [tabindex]")).size();
    Set<WebElement> reached = new LinkedHashSet<>();
    for (int i = 0; i < stops; i++) {
      browser.switchTo().activeElement().sendKeys(Keys.TAB);
      reached.add(browser.switchTo().activeElement());
    }
    assertEquals(stops, reached.size());
    assertEquals("Metrics", reached.iterator().next().getText());
  }

  @Test
  void needsNoScript() {
    browser.get(base() + "/");
    String withScripts = browser.findElement(By.id("series")).getText();
    ChromeDriver plain = browser(Map.of("profile.managed_default_content_settings.javascript", 2));
    try {
      String page = "<title>on</title><script>document.title='off'</script>";
      plain.get("data:text/html," + URLEncoder.encode(page, StandardCharsets.UTF_8));
      assertEquals("on", plain.getTitle());
      plain.get(base() + "/");
      assertEquals(withScripts, plain.findElement(By.id("series")).getText());
      plain.findElement(By.linkText("Host")).click();
      await("the order", () -> plain.getCurrentUrl().endsWith("/?sort=host"));
    } finally {
      plain.quit();
    }
  }

  @Test
  void asksAgainIfThatIsChosen() {
    browser.get(base() + "/?refresh=1");
    String before = readAt();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (readAt().equals(before) || readAt().isEmpty()) {
      assertTrue(System.nanoTime() - end < 0, "not asked again");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    while (!browser.getCurrentUrl().endsWith("/")) {
      assertTrue(System.nanoTime() - end < 0, "not to be stopped");
      stopRefreshing();
    }
  }

  private void stopRefreshing() {
    try {
      browser.findElement(By.linkText("Stop refreshing")).click();
    } catch (WebDriverException e) {
      // Another page came meanwhile.
    }
  }

  /** When the page was read that is shown; empty while it is being loaded. */
  private String readAt() {
    try {
      Matcher time = Pattern.compile("read at <time>([^<]*)").matcher(browser.getPageSource());
      return time.find() ? time.group(1) : "";
    } catch (WebDriverException e) {
      return "";
    }
  }
}
