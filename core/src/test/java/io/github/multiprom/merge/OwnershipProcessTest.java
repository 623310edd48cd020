package io.github.multiprom.merge;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.worker.Children;
import io.prometheus.client.Collector;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * Users in one directory: what each of them sees, who retires, and whose the files are. All but one
 * run with the narrowest umask.
 */
class OwnershipProcessTest {
  private static final int APP = 1001;
  private static final int SIDECAR = 1002;
  private static final int STRANGER = 1003;
  private static final int METRICS = 2000;

  @TempDir static Path place;

  private static final Children CHILDREN = new Children();
  private static User root;
  private static User app;
  private static User sidecar;
  private static User stranger;
  private static User bareRoot;
  private static User unmapped;

  private Path directory;

  /** A JVM of a user, which does what it is told. */
  private static final class User {
    private final Process process;
    private final BufferedReader answers;

    User(List<String> by, String... options) throws IOException {
      List<String> all = new ArrayList<>(List.of(options));
      all.addAll(List.of("-cp", classPath()));
      process = CHILDREN.start(by, all, UserOfDirectory.class);
      answers = process.inputReader();
    }

    String ask(String command, Path path) throws IOException {
      process
          .getOutputStream()
          .write((command + " " + path + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
      return answers.readLine();
    }
  }

  @BeforeAll
  static void startUsers() throws IOException, URISyntaxException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "needs setpriv");
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
    copyClasses();
    root = new User(List.of("setpriv"));
    app = as(APP, APP, "--groups=" + METRICS);
    sidecar = as(SIDECAR, METRICS, "--clear-groups");
    stranger = new User(by(STRANGER, STRANGER, "--clear-groups"), "-Dmultiprom.trust=any");
    bareRoot =
        new User(
            List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--groups=" + METRICS));
    unmapped = new User(List.of("unshare", "--user"));
  }

  private static User as(int uid, int gid, String groups) throws IOException {
    return new User(by(uid, gid, groups));
  }

  private static List<String> by(int uid, int gid, String groups) {
    return List.of(
        "sh",
        "-c",
        "umask 077; exec \"$@\"",
        "sh",
        "setpriv",
        "--reuid=" + uid,
        "--regid=" + gid,
        groups);
  }

  @AfterAll
  static void endProcesses() {
    CHILDREN.close();
  }

  /** Other users cannot read what a build of root makes. */
  private static void copyClasses() throws IOException, URISyntaxException {
    Set<Path> sources = new LinkedHashSet<>();
    for (Class<?> one :
        List.of(Retirer.class, UserOfDirectory.class, Collector.class, TextFormat.class)) {
      sources.add(Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI()));
    }
    Path classes = makeReadable(Files.createDirectory(place.resolve("classes")));
    for (Path source : sources) {
      if (!Files.isDirectory(source)) {
        makeReadable(Files.copy(source, classes.resolve(source.getFileName())));
        continue;
      }
      try (Stream<Path> files = Files.walk(source)) {
        for (Path file : files.toList()) {
          Path copy = classes.resolve(source.relativize(file).toString());
          if (!Files.isDirectory(file)) {
            makeReadable(Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING));
          } else if (!Files.exists(copy)) {
            makeReadable(Files.createDirectory(copy));
          }
        }
      }
    }
  }

  private static Path makeReadable(Path file) throws IOException {
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static String classPath() throws IOException {
    Path classes = place.resolve("classes");
    try (Stream<Path> files = Files.list(classes)) {
      return Stream.concat(
              Stream.of(classes), files.filter(file -> file.toString().endsWith(".jar")))
          .map(Path::toString)
          .collect(joining(":"));
    }
  }

  @BeforeEach
  void makeDirectory(TestInfo test) throws IOException {
    directory = Files.createDirectory(place.resolve(test.getTestMethod().orElseThrow().getName()));
  }

  private void directoryOf(int owner, int group, int mode) throws IOException {
    Files.setAttribute(directory, "unix:uid", owner);
    Files.setAttribute(directory, "unix:gid", group);
    Files.setAttribute(directory, "unix:mode", mode);
  }

  private String files(String pattern) throws IOException {
    List<String> lines = new ArrayList<>();
    try (var listed = Files.newDirectoryStream(directory, pattern)) {
      for (Path file : listed) {
        var attributes = Files.readAttributes(file, "unix:uid,gid,mode");
        lines.add(
            file.getFileName()
                + " "
                + attributes.get("uid")
                + ":"
                + attributes.get("gid")
                + " "
                + Integer.toOctalString((int) attributes.get("mode") & 07777));
      }
    }
    return lines.stream()
        .map(line -> line.replaceAll("^\\p{XDigit}{32}", ""))
        .sorted()
        .collect(joining(", "));
  }

  private void assertSees(String expected, User... users) throws IOException {
    for (User user : users) {
      assertEquals(expected, user.ask("show", directory));
    }
  }

  /** One worker counts 1 and ends. */
  private void counts(User user) throws IOException {
    assertEquals("counted", user.ask("count", directory));
    assertEquals("ended", user.ask("end", directory));
  }

  private void assertRetires(int workers, User user) throws IOException {
    assertEquals(Integer.toString(workers), user.ask("retire", directory));
  }

  @Test
  void anEmptyDirOfRootIsForAll() throws IOException {
    directoryOf(0, METRICS, 02777);
    assertEquals("counted", app.ask("count", directory));
    counts(sidecar);
    counts(bareRoot);
    assertEquals(
        ".worker 0:2000 644, .worker 1001:2000 644, .worker 1002:2000 644", files("*.worker"));
    assertSees("3.0", root, app, sidecar, stranger, bareRoot, unmapped);
    for (User user : List.of(sidecar, bareRoot, app, stranger, root)) {
      user.ask("retire", directory);
      assertSees("3.0", root, app, sidecar, stranger, bareRoot, unmapped);
    }
    assertTrue(files("multiprom.lock").endsWith(":2000 666"), files("multiprom.*"));
    app.ask("end", directory);
    assertRetires(1, unmapped);
    assertSees("3.0", root, app, sidecar, stranger, bareRoot, unmapped);
    counts(stranger);
    assertRetires(1, app);
    assertSees("4.0", root, app, sidecar, stranger, bareRoot, unmapped);
  }

  @Test
  void aGroupSharesADirectoryThatIsRoots() throws IOException {
    directoryOf(0, METRICS, 02770);
    counts(app);
    counts(sidecar);
    assertRetires(2, sidecar);
    assertEquals(
        "multiprom.lock 1002:2000 660, multiprom.retained 1002:2000 660, "
            + "multiprom.spare 1002:2000 660",
        files("multiprom.*"));
    counts(sidecar);
    assertRetires(1, app);
    counts(app);
    assertRetires(1, bareRoot);
    assertSees("4.0", root, app, sidecar, bareRoot);
  }

  @Test
  void aMemberOfTheGroupCountsAndLeavesRetiringToTheOwner() throws IOException {
    directoryOf(APP, METRICS, 02770);
    counts(sidecar);
    assertRetires(0, sidecar);
    assertEquals("", files("multiprom.*"), "nothing that the owner might not be able to use");
    assertRetires(0, bareRoot);
    assertEquals("counted", app.ask("count", directory));
    assertEquals(".lease 1001:2000 640, .lease 1002:2000 640", files("*.lease"));
    assertSees("2.0", root, app, sidecar);
    assertRetires(1, root);
    app.ask("end", directory);
    assertRetires(1, app);
    assertEquals(
        "multiprom.lock 1001:2000 660, multiprom.retained 1001:2000 660, "
            + "multiprom.spare 1001:2000 660",
        files("multiprom.*"));
    assertSees("2.0", root, app, sidecar);
  }

  @Test
  void aMemberOfTheGroupWritesNoFileOfAWorker() throws IOException {
    directoryOf(APP, METRICS, 02770);
    counts(app);
    assertRetires(1, app);
    assertEquals("counted", app.ask("count", directory));
    assertEquals("3", sidecar.ask("open", directory), "lock, totals and spare");
    app.ask("end", directory);
  }

  @Test
  void aDirectoryOfOneUserIsReadByItsGroup() throws IOException {
    directoryOf(APP, METRICS, 0750);
    counts(app);
    assertSees("1.0", root, app, sidecar);
    assertRetires(0, sidecar);
    assertEquals("0", sidecar.ask("open", directory));
    assertRetires(1, root);
    counts(app);
    assertRetires(1, app);
    assertEquals(
        "multiprom.lock 1001:2000 600, multiprom.retained 1001:2000 640, "
            + "multiprom.spare 1001:2000 640",
        files("multiprom.*"));
    assertSees("2.0", root, app, sidecar);
    assertEquals(
        "java.io.IOException: this process cannot change the totals of " + directory,
        sidecar.ask("drop", directory));
    assertEquals("1", app.ask("drop", directory));
  }

  @Test
  void rootLeavesToTheOwnerWhatTheOwnerNeeds() throws IOException {
    directoryOf(APP, METRICS, 0755);
    counts(root);
    assertRetires(1, root);
    counts(app);
    assertRetires(1, app);
    assertSees("2.0", root, app, sidecar, stranger, bareRoot, unmapped);
    assertRetires(0, bareRoot);
  }

  @Test
  void strangersCountApartInAStickyDirectory() throws IOException {
    directoryOf(0, 0, 01777);
    counts(app);
    counts(sidecar);
    counts(root);
    assertSees("2.0", app, sidecar);
    assertSees("3.0", root, bareRoot, stranger);
    assertSees("nothing", unmapped);
    assertRetires(1, app);
    assertEquals(
        "multiprom.retained.1001 1001:1001 644, multiprom.spare.1001 1001:1001 644",
        files("multiprom.[rs]*1001"));
    assertSees("2.0", app, sidecar);
    assertSees("3.0", root, bareRoot, stranger);
    assertRetires(2, root);
    assertEquals(
        "multiprom.lock.0 0:0 600, multiprom.lock.1001 1001:1001 600, multiprom.lock.1002 1002:0"
            + " 600",
        files("multiprom.lock*"));
    assertSees("2.0", app, sidecar);
    assertSees("3.0", root, bareRoot, stranger);
    assertRetires(0, unmapped);
    counts(sidecar);
    assertRetires(0, app);
    assertRetires(1, sidecar);
    assertSees("2.0", app);
    assertSees("3.0", sidecar);
    assertSees("4.0", root, bareRoot, stranger);
  }

  @Test
  void aUserCleansNothingOfAnother() throws IOException {
    directoryOf(0, 0, 01777);
    counts(app);
    assertEquals("counted", sidecar.ask("count", directory));
    assertTrue(Integer.parseInt(app.ask("clean", directory)) > 0);
    assertSees("nothing", app);
    assertEquals("-1", root.ask("clean", directory), "a worker is live");
    assertSees("1.0", sidecar);
    sidecar.ask("end", directory);
    assertTrue(Integer.parseInt(root.ask("clean", directory)) > 0);
    assertSees("nothing", sidecar, root);
  }
}
