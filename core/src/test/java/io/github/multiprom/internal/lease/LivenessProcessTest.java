package io.github.multiprom.internal.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.file.LabelInterner;
import io.github.multiprom.internal.file.WorkerFileReader;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.Snapshot;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class LivenessProcessTest {
  @TempDir Path directory;

  private final Children children = new Children();
  private Process process;
  private BufferedReader answers;

  @AfterEach
  void endProcesses() {
    children.close();
  }

  private Incarnation startWorker() throws IOException {
    process = children.start(LeaseWorker.class, directory.toString());
    answers = process.inputReader();
    return Incarnation.parse(ask("open"));
  }

  private String ask(String command) throws IOException {
    process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    return answers.readLine();
  }

  private Snapshot read(Incarnation incarnation) throws IOException {
    return Fixtures.find(Fixtures.read(directory), incarnation);
  }

  private boolean isSurelyDead(Incarnation incarnation) throws IOException {
    Path path = StoreFiles.worker(directory, incarnation);
    try (WorkerFileReader file = WorkerFileReader.open(path, new LabelInterner())) {
      file.readWords();
      return new Liveness(directory).isSurelyDead(file.worker(), file.lifeSigns());
    }
  }

  @Test
  void aStoppedWorkerLivesAndAKilledOneIsDeadAtOnce() throws Exception {
    Incarnation worker = startWorker();
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      assertTrue(Fixtures.find(reader.read(), worker).live());
      Children.signal(process, "STOP");
      assertTrue(read(worker).live());
      assertTrue(Fixtures.find(reader.read(), worker).live());
      Children.signal(process, "KILL");
      Children.await(process);
      assertFalse(read(worker).live());
      assertFalse(Fixtures.find(reader.read(), worker).live());
    }
  }

  @Test
  void anOrderlyExitCountsWhenTheLeaseIsGivenUp() throws Exception {
    Incarnation worker = startWorker();
    assertEquals("exited", ask("exit"));
    assertTrue(read(worker).live());
    assertEquals(1, read(worker).exitNanos());
    assertEquals("closed", ask("close"));
    assertFalse(read(worker).live());
  }

  @Test
  void aWorkerThatScrapesKeepsItsLease() throws Exception {
    Incarnation worker = startWorker();
    for (int i = 0; i < 3; i++) {
      assertEquals("[" + worker + "]", ask("read"));
      assertEquals("1", ask("read anew"));
      assertTrue(read(worker).live());
    }
  }

  @Test
  void aWorkerThatLosesItsSystemPropertiesKeepsItsLease() throws Exception {
    Incarnation worker = startWorker();
    assertEquals("forgotten", ask("forget properties"));
    assertEquals("[" + worker + "]", ask("read"));
    assertEquals("1", ask("read anew"));
    assertTrue(read(worker).live());

    assertEquals("exited", ask("exit"));
    assertEquals("[" + worker + "]", ask("read"));
    assertEquals("[" + worker + "]", ask("read"));
    assertTrue(read(worker).live(), "its shutdown hooks may still count");
  }

  @Test
  void aWorkerWithoutALeaseLivesAsLongAsItsProcess() throws Exception {
    Incarnation worker = startWorker();
    Files.delete(StoreFiles.lease(directory, worker));
    assertTrue(read(worker).live());
    Killable.ageBeat(directory, worker, 1000);
    assertFalse(isSurelyDead(worker), "seen running");
    process.toHandle().destroyForcibly();
    Children.await(process);
    assertFalse(read(worker).live());
    assertTrue(isSurelyDead(worker), "seen gone");
  }
}
