package io.github.multiprom.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.os.ProcessIdentity.Sight;
import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.model.WorkerInfo;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessIdentityTest {
  private static final ProcessIdentity SELF = ProcessIdentity.current();

  private static WorkerInfo workerOf(long pid, long startTicks) {
    return MappedIncarnation.newInfo(
        Fixtures.OPTIONS,
        new ProcessIdentity(pid, startTicks, SELF.pidNamespace(), SELF.bootId(), ""));
  }

  private static long startTicks(long pid) {
    return ProcessIdentity.startTicks(ProcessIdentity.text("/proc/" + pid + "/stat"));
  }

  @Test
  void isThatOfThisProcess() {
    assertEquals(ProcessHandle.current().pid(), SELF.pid());
    assertNotEquals(0, SELF.startTicks());
    assertNotEquals(0, SELF.pidNamespace());
    assertNotEquals(0, SELF.bootId().high());
    assertFalse(SELF.host().isEmpty());
    assertTrue(SELF.is(workerOf(SELF.pid(), SELF.startTicks())));
  }

  /** As printf writes it: the third is cut within a character, as the kernel cuts names. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "java",
        "a) R 1 (b",
        "a\\321\\201\\320\\265\\321\\200\\320\\262\\320\\270\\321\\201-\\320",
        "a\\nb) Z 1 1",
        "\\377\\376"
      })
  void knowsProcessesOfAnyName(String name) throws Exception {
    Process process =
        new ProcessBuilder(
                "bash", "-c", "printf '" + name + "' > /proc/$$/comm; echo named; read -r line")
            .start();
    try {
      assertEquals("named", process.inputReader().readLine());
      long ticks = startTicks(process.pid());
      assertNotEquals(0, ticks);
      assertEquals(Sight.RUNNING, SELF.sightOf(workerOf(process.pid(), ticks)));
      assertEquals(Sight.GONE, SELF.sightOf(workerOf(process.pid(), ticks - 1)), "another process");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void seesThatAProcessIsGoneBeforeItsParentNotices() throws Exception {
    // A shell that is replaced by another program waits for no child.
    Process parent = new ProcessBuilder("sh", "-c", "sleep 60 & echo $!; exec cat").start();
    try {
      long child = Long.parseLong(parent.inputReader().readLine());
      long ticks = startTicks(child);
      WorkerInfo worker = workerOf(child, ticks);
      Children.await(
          () -> ProcessIdentity.text("/proc/" + parent.pid() + "/stat").contains("(cat)"), "exec");
      assertEquals(Sight.RUNNING, SELF.sightOf(worker));
      assertTrue(ProcessHandle.of(child).orElseThrow().destroyForcibly());
      Children.await(() -> SELF.sightOf(worker) == Sight.GONE, "the zombie is not seen");
      String stat = ProcessIdentity.text("/proc/" + child + "/stat");
      assertTrue(stat.contains(") Z "), stat);
    } finally {
      parent.destroyForcibly().waitFor();
    }
    assertEquals(Sight.GONE, SELF.sightOf(workerOf(parent.pid(), 1)));
  }

  @Test
  void takesAProcessThatLostItsFirstThreadForRunning() {
    String rest = " 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 ";
    assertEquals(0, ProcessIdentity.startTicks("7 (java) Z" + rest + "1 0 4711 1 1\n"));
    assertEquals(4711, ProcessIdentity.startTicks("7 (java) Z" + rest + "12 0 4711 1 1\n"));
    assertEquals(0, ProcessIdentity.startTicks(""));
    assertEquals(0, ProcessIdentity.startTicks("7 (java) R 1"));
  }

  @Test
  void knowsWhatItCannotSee() {
    WorkerInfo elsewhere = MappedIncarnation.newInfo(Fixtures.OPTIONS, Killable.invisible());
    assertEquals(Sight.INVISIBLE, SELF.sightOf(elsewhere));
    assertEquals(Sight.INVISIBLE, SELF.sightOf(workerOf(SELF.pid(), 0)));
    assertTrue(ProcessIdentity.showsOwnNamespace("Name:\tx\nNSpid:\t25456\nNSpgid:\t1\n"));
    assertFalse(ProcessIdentity.showsOwnNamespace("Name:\tx\nNSpid:\t25456\t2\nNSpgid:\t1\n"));
    assertTrue(ProcessIdentity.hidesProcesses("proc /proc proc rw,hidepid=invisible 0 0\n"));
    assertFalse(ProcessIdentity.hidesProcesses("proc /proc proc rw,relatime 0 0\n"));
  }

  @Test
  void takesNoProcessForGoneThatItsUserMayNotSee() throws Exception {
    String hide =
        "mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid 65534 --regid 65534"
            + " --clear-groups \"$@\"";
    try (Children children = new Children()) {
      Process process =
          children.start(
              List.of("unshare", "--mount", "sh", "-c", hide, "sh"),
              WithoutSight.class,
              "" + SELF.pid(),
              "" + SELF.startTicks());
      String sights = process.inputReader().readLine();
      assumeTrue(sights != null, "this takes root, mount(8) and readable classes");
      assertEquals("INVISIBLE RUNNING", sights);
    }
  }

  /** Prints what it sees of a process, and of itself. */
  static final class WithoutSight {
    private WithoutSight() {}

    public static void main(String[] arguments) {
      ProcessIdentity self = ProcessIdentity.current();
      System.out.println(
          self.sightOf(workerOf(Long.parseLong(arguments[0]), Long.parseLong(arguments[1])))
              + " "
              + self.sightOf(workerOf(self.pid(), self.startTicks())));
    }
  }

  @Test
  void needsNoDirectMemory() throws Exception {
    try (Children children = new Children()) {
      Process process =
          children.start(
              List.of(), List.of("-XX:MaxDirectMemorySize=1m"), WithoutDirectMemory.class);
      assertEquals("known, gone", process.inputReader().readLine());
      assertEquals(0, Children.await(process));
    }
  }

  /** A process that has used up its direct memory. */
  static final class WithoutDirectMemory {
    private WithoutDirectMemory() {}

    public static void main(String[] arguments) {
      long left = 1 << 20;
      for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
        left -= pool.getName().equals("direct") ? pool.getTotalCapacity() : 0;
      }
      ByteBuffer taken = ByteBuffer.allocateDirect((int) left);
      ProcessIdentity self = ProcessIdentity.current();
      Sight sight = self.sightOf(MappedIncarnation.newInfo(Fixtures.OPTIONS, Killable.gone()));
      System.out.println(
          (self.startTicks() != 0 && self.pidNamespace() != 0 && self.bootId().high() != 0
                  ? "known, "
                  : "unknown, ")
              + sight.toString().toLowerCase(Locale.ROOT));
      Runtime.getRuntime().halt(taken.capacity() == left ? 0 : 1);
    }
  }
}
