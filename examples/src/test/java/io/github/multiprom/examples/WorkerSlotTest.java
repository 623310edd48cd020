package io.github.multiprom.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerPlaceTest {
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private static final Pattern PAUSE =
      Pattern.compile("worker 7 ended at once, next start in (\\d+) ms");

  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private WorkerPlace place;

  @AfterEach
  void stop() throws InterruptedException {
    place.requestStop();
    place.awaitStopped();
  }

  @Test
  void pausesLongerAndLongerBeforeItReplacesAWorkerThatEndsAtOnce() throws Exception {
    start(JAVA, "--version");

    // From the beginning again after one that took two seconds, as on a machine that stands still.
    List<Long> longerAndLonger = List.of(0L, 250L, 500L);
    List<Long> last = pausesBeforeStarts(3);
    for (int more = 0; more < 20 && !last.equals(longerAndLonger); more++) {
      last = List.of(last.get(1), last.get(2), pausesBeforeStarts(1).get(0));
    }
    assertEquals(longerAndLonger, last);
    assertEquals(0, place.readyPid());
  }

  @Test
  void saysWhyAWorkerCannotBeStarted() throws Exception {
    start("/does/not/exist");

    String event = nextEvent();
    assertTrue(event.startsWith("worker 7 cannot be started: "), event);
  }

  private void start(String... command) {
    place = new WorkerPlace(7, List.of(command), events::add);
    place.start();
  }

  private List<Long> pausesBeforeStarts(int starts) throws InterruptedException {
    var pauses = new ArrayList<Long>();
    long pauseMs = 0;
    while (pauses.size() < starts) {
      String event = nextEvent();
      Matcher pause = PAUSE.matcher(event);
      if (pause.matches()) {
        pauseMs = Long.parseLong(pause.group(1));
      } else if (event.startsWith("worker 7 started, pid ")) {
        pauses.add(pauseMs);
        pauseMs = 0;
      }
    }
    return pauses;
  }

  private String nextEvent() throws InterruptedException {
    String event = events.poll(60, TimeUnit.SECONDS);
    return event == null ? "no event" : event;
  }
}
