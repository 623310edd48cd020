package io.github.multiprom.python;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.exposition.Peers;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.Retirer;
import io.github.multiprom.python.PythonFleet.Member;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes of client_python beside workers in Java, killed and retired. */
class PythonProcessIT {
  @TempDir Path directory;

  @BeforeEach
  void requirePeers() throws Exception {
    Peers.requireClientPython();
  }

  @Test
  void areExactOverKills() throws Exception {
    storm(2);
  }

  @Test
  @Tag("field")
  void areExactOverManyKills() throws Exception {
    storm(10);
  }

  /** Some workers of each language, of which half are killed at random moments. */
  private void storm(int each) throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (PythonFleet fleet = new PythonFleet(directory);
        DirectoryReader reader = new DirectoryReader(directory, new PythonSource(directory, true));
        MultiprocessCollector collector = new MultiprocessCollector(reader, "worker")) {
      List<Member> members = new ArrayList<>();
      for (int i = 0; i < each; i++) {
        members.add(fleet.startPython());
        members.add(fleet.startJava());
      }
      for (Member member : members) {
        PythonFleet.await("the first rounds", () -> member.rounds() > 10);
      }
      assertEquals(2 * each, Samples.of(collector).get("live{}"));
      double last = 0;
      List<Member> killed = new ArrayList<>();
      while (killed.size() < each) {
        // As many of each language.
        Member member = members.remove(random.nextInt(2) + (killed.size() % 2));
        long until = member.rounds() + random.nextInt(50);
        PythonFleet.await("more rounds", () -> member.rounds() > until);
        member.kill();
        killed.add(member);
        Map<String, Double> samples = Samples.of(collector);
        assertEquals(2 * each - killed.size(), samples.get("live{}"), "within one scrape");
        assertTrue(samples.get("jobs_total{}") >= last, "no sum falls");
        last = samples.get("jobs_total{}");
      }
      for (Member member : members) {
        member.stop();
      }
      long said = Stream.concat(killed.stream(), members.stream()).mapToLong(Member::rounds).sum();
      Map<String, Double> samples = Samples.of(collector);
      PythonFleet.assertBetween(said, samples.get("jobs_total{}"), said + each);
      PythonFleet.assertBetween(said, samples.get("latency_count{path=/}"), said + each);
      // client_python adds to the sum first: a killed process may have done no more.
      double ahead = 2 * samples.get("latency_sum{path=/}") - samples.get("latency_count{path=/}");
      PythonFleet.assertBetween(0, ahead, each);
      PythonFleet.await("all are retired", () -> retired(reader));
      assertEquals(samples, Samples.of(collector));
    }
  }

  private boolean retired(DirectoryReader reader) {
    try (Retirer retirer = new Retirer(reader)) {
      retirer.retire();
      return reader.read().workers().stream().allMatch(worker -> worker.live());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
