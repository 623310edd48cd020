package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ChildrenTest {
  private final Counter family = Counter.build("c", "Help.").labelNames("l").create();
  private final Children children = new Children();

  /** Half of them have the hash of another one. */
  private static String value(int number) {
    return (number % 2 == 0 ? "Aa" : "BB") + number / 2;
  }

  private Series child(String value) {
    return family.newChild(new String[] {value}, 0);
  }

  private void checkAgainst(Map<String, Series> model, int numbers) {
    assertEquals(model.size(), children.size());
    assertEquals(new HashSet<>(model.values()), new HashSet<>(children.all()));
    for (int i = 0; i < numbers; i++) {
      Series expected = model.get(value(i));
      assertSame(expected, children.find(value(i)));
      assertSame(expected, children.find(new String[] {value(i)}));
    }
  }

  @Test
  void areWhatWasAddedAndNotRemoved() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Map<String, Series> model = new HashMap<>();
    int numbers = 200;
    for (int step = 0; step < 20_000; step++) {
      String value = value(random.nextInt(numbers));
      Series present = model.remove(value);
      if (present != null) {
        children.remove(present);
        // Removing again completes what was cut short, and does nothing else.
        children.remove(present);
      } else if (random.nextInt(4) > 0) {
        Series added = child(value);
        model.put(value, added);
        children.add(added);
      }
      if (step % 500 == 0) {
        checkAgainst(model, numbers);
      }
    }
    checkAgainst(model, numbers);
  }

  @Test
  void areNeverMissedWhileOthersComeAndGo() throws InterruptedException {
    List<String> present = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      present.add("stays" + i);
      children.add(child("stays" + i));
    }
    AtomicBoolean isOver = new AtomicBoolean();
    AtomicReference<String> missed = new AtomicReference<>();
    Thread reader =
        new Thread(
            () -> {
              while (!isOver.get()) {
                for (String value : present) {
                  if (children.find(value) == null) {
                    missed.set(value);
                  }
                }
              }
            });
    reader.start();
    for (int i = 0; i < 100_000; i++) {
      Series passing = child("passes" + i);
      children.add(passing);
      children.remove(passing);
    }
    isOver.set(true);
    reader.join();
    assertNull(missed.get());
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.SECONDS)
  void areRemovedOneByOneInLittleTime() {
    int count = 200_000;
    for (int i = 0; i < count; i++) {
      children.add(child("" + i));
    }
    for (int i = 0; i < count; i++) {
      Series found = children.find("" + i);
      assertNotNull(found);
      children.remove(found);
    }
    assertEquals(0, children.size());
    assertEquals(List.of(), children.all());
  }

  @Test
  void ignoreTheRemovalOfWhatIsNoLabelSet() {
    family.labels("x").inc();
    family.remove((String) null);
    family.remove("x", "y");
    assertEquals(1, family.labels("x").get());
  }
}
