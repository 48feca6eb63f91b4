# tries: to fetch a model from the internet as a reader would
# must: an error that says so, nothing sent
# ends: raised URLError
# control: no, there may be no internet
import urllib.request

print("HARM", urllib.request.urlopen("http://127.0.0.1:9/").status)
