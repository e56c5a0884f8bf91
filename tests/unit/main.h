// main.h - comes before every unit test, where `main` is a macro: the name of the test's file.

int main(void);
